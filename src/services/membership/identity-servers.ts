import { createHash } from 'node:crypto';
import { jsonObject } from '../../federation/signed-client/remote-error.ts';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { forbidden, invalidParam, unknown } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isServerName } from '../../protocol/identifiers/server-name.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';

/** An identity server, and by whose leave it is asked. */
export interface IdentityServer {
  /** A server name. */
  readonly server: string;
  readonly accessToken: string;
}

/** An address of a person. */
export interface ThirdPartyAddress {
  readonly medium: string;
  readonly address: string;
}

/** What an identity server has stored of an invite: the content of `m.room.third_party_invite`, and its state key. */
export interface StoredThirdPartyInvite {
  readonly token: string;
  readonly content: JsonObject;
}

/** The most keys that an invite may be signed with. */
const MAX_KEYS = 10;
const MAX_BYTES = 64_000;

/**
 * Asks identity servers who has an address, and has them keep invites of addresses that nobody has yet.
 * Source: https://spec.matrix.org/v1.19/identity-service-api/
 */
export class IdentityServers {
  private readonly client: Pick<OutgoingClient, 'send'>;
  private readonly timeoutMs: number;

  constructor(client: Pick<OutgoingClient, 'send'>, settings: { membershipTimeout: number }) {
    this.client = client;
    this.timeoutMs = settings.membershipTimeout;
  }

  /** The user to whom an address belongs; undefined if it is not known to be anybody's. */
  async lookup(identity: IdentityServer, { medium, address }: ThirdPartyAddress): Promise<string | undefined> {
    const details = await this.ask(identity, 'GET', 'hash_details');
    const pepper = stringIn(details, 'lookup_pepper');
    if (pepper === undefined) throw badAnswer();
    const hash = createHash('sha256').update(`${address} ${medium} ${pepper}`).digest('base64url');
    const answer = await this.ask(identity, 'POST', 'lookup', { addresses: [hash], algorithm: 'sha256', pepper });
    const found = isJsonObject(answer['mappings']) ? stringIn(answer['mappings'], hash) : undefined;
    return isUserId(found) ? found : undefined;
  }

  /** @param about what the person who is invited is told of room and inviter */
  async storeInvite(
    identity: IdentityServer,
    invite: ThirdPartyAddress,
    about: JsonObject,
  ): Promise<StoredThirdPartyInvite> {
    const { medium, address } = invite;
    const answer = await this.ask(identity, 'POST', 'store-invite', { ...about, medium, address });
    const token = stringIn(answer, 'token');
    const keys = keysIn(answer['public_keys']);
    const [first] = keys;
    if (token === undefined || first === undefined) throw badAnswer();
    const content = { display_name: stringIn(answer, 'display_name') ?? '', public_keys: keys, ...first };
    return { token, content };
  }

  private async ask(identity: IdentityServer, method: 'GET' | 'POST', operation: string, body?: JsonObject) {
    const { accessToken, server } = identity;
    if (!isServerName(server)) throw invalidParam('id_server is no server name');
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    try {
      const answer = await this.client.send({
        purpose: 'identity',
        url: `https://${server}/_matrix/identity/v2/${operation}`,
        ...{ method, headers, timeoutMs: this.timeoutMs, maxBytes: MAX_BYTES },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status === 401 || answer.status === 403) throw forbidden('The identity server refuses this');
      const json = answer.status === 200 ? jsonObject(answer.body) : undefined;
      if (!json) throw badAnswer();
      return json;
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      throw unknown('The identity server cannot be reached', { status: 502, cause: error });
    }
  }
}

function keysIn(value: JsonValue | undefined): { public_key: string; key_validity_url: string }[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_KEYS).flatMap((key) => {
    const publicKey = isJsonObject(key) ? stringIn(key, 'public_key') : undefined;
    const url = isJsonObject(key) ? stringIn(key, 'key_validity_url') : undefined;
    return publicKey === undefined || url === undefined ? [] : [{ public_key: publicKey, key_validity_url: url }];
  });
}

function badAnswer() {
  return unknown('The identity server did not answer as it should', { status: 502 });
}
