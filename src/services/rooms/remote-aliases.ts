import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../federation/signed-client/remote-error.ts';
import { withQuery } from '../../federation/signed-client/uri.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { notFound, unknown } from '../../protocol/errors.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import { isServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../protocol/json.ts';

/** The most servers that are taken from an answer. */
const MAX_SERVERS = 100;

/** Asks other servers which rooms their aliases stand for. */
export class RemoteAliases {
  private readonly client: FederationClient;
  private readonly timeoutMs: number;

  constructor(client: FederationClient, settings: { membershipTimeout: number }) {
    this.client = client;
    this.timeoutMs = settings.membershipTimeout;
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1querydirectory
   * @throws M_NOT_FOUND; M_UNKNOWN 502 if the server cannot be reached
   */
  async find(alias: string): Promise<{ room_id: string; servers: string[] }> {
    const { room_id: roomId, servers } = await this.ask(alias);
    if (!isRoomId(roomId)) throw unknown('The server of the alias answered with no room', { status: 502 });
    const named = Array.isArray(servers) ? servers.filter(isServerName).slice(0, MAX_SERVERS) : [];
    return { room_id: roomId, servers: [...new Set<string>([...named, serverOf(alias)!])] };
  }

  private async ask(alias: string): Promise<JsonObject> {
    const uri = withQuery('/_matrix/federation/v1/query/directory', { room_alias: alias });
    const absent = () => notFound(`There is no room with the alias ${alias}`);
    const destination = serverOf(alias);
    if (destination === undefined) throw absent();
    try {
      return await this.client.ask({ destination, method: 'GET', uri, timeoutMs: this.timeoutMs });
    } catch (error) {
      if (error instanceof RemoteError && error.status === 404) throw absent();
      if (!(error instanceof RemoteError || error instanceof OutgoingError)) throw error;
      throw unknown('The server of the alias could not be asked', { status: 502, cause: error });
    }
  }
}
