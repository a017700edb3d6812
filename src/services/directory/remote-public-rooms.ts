import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { unanswered } from '../../federation/signed-client/unanswered.ts';
import { withQuery } from '../../federation/signed-client/uri.ts';
import { invalidParam } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isServerName, type ServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { PublicRoomsPage, PublicRoomsQuery } from './public-rooms.ts';
import { toldSummary } from './told-summary.ts';

const PATH = '/_matrix/federation/v1/publicRooms';
/** Of one page. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Asks other servers which rooms they publish. */
export class RemotePublicRooms {
  readonly #client: FederationClient;
  readonly #timeoutMs: number;

  constructor(client: FederationClient, settings: { readonly queryTimeout: number }) {
    this.#client = client;
    this.#timeoutMs = settings.queryTimeout;
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1publicrooms
   * @param limit rooms on a page, at least one.
   * @throws M_INVALID_PARAM for what is no server; M_UNKNOWN 502 if it cannot be reached
   */
  async list(server: string, query: PublicRoomsQuery, limit: number): Promise<PublicRoomsPage> {
    if (!isServerName(server)) throw invalidParam('"server" is no server name');
    try {
      return pageIn(await this.#ask(server, query, limit), limit);
    } catch (error) {
      throw unanswered(error, `The rooms of ${server} could not be asked for`);
    }
  }

  #ask(destination: ServerName, query: PublicRoomsQuery, limit: number): Promise<JsonObject> {
    const { since, searchTerm, roomTypes, instanceId, ofAllNetworks } = query;
    const networks = { third_party_instance_id: instanceId, include_all_networks: ofAllNetworks };
    const bounds = { timeoutMs: this.#timeoutMs, maxBytes: MAX_BYTES };
    if (searchTerm === undefined && roomTypes === undefined) {
      const uri = withQuery(PATH, { limit, since, ...networks });
      return this.#client.ask({ destination, method: 'GET', uri, ...bounds });
    }
    const content: JsonObject = {
      limit,
      since,
      ...networks,
      filter: { generic_search_term: searchTerm, room_types: roomTypes === undefined ? undefined : [...roomTypes] },
    };
    return this.#client.ask({ destination, method: 'POST', uri: PATH, content, ...bounds });
  }
}

function pageIn(answer: JsonObject, limit: number): PublicRoomsPage {
  const told = Array.isArray(answer['chunk']) ? answer['chunk'] : [];
  const chunk = told.slice(0, limit).flatMap((room) => toldSummary(room) ?? []);
  const next = stringIn(answer, 'next_batch');
  const previous = stringIn(answer, 'prev_batch');
  const total = answer['total_room_count_estimate'];
  return {
    chunk,
    ...(next === undefined ? {} : { next_batch: next }),
    ...(previous === undefined ? {} : { prev_batch: previous }),
    total_room_count_estimate: Number.isSafeInteger(total) ? Number(total) : chunk.length,
  };
}
