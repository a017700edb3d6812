import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { forbidden, MatrixError } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import { rolesIn, rolesOf } from './roles-claim.ts';

/** What an application says of one of its users. */
export interface UserDetails {
  readonly username: string | undefined;
  readonly displayName: string | undefined;
  readonly roles: readonly string[];
}

export interface UserDetailsSettings {
  readonly localpartClaim: string;
  readonly displayNameClaim?: string | undefined;
  readonly rolesClaim?: string | undefined;
  /** With `{sub}` in it. */
  readonly lookupUrl?: string | undefined;
  readonly lookupToken?: string | undefined;
  readonly lookupTimeout: number;
}

const MAX_BYTES = 64 * 1024;

/** Learns of users what their token says, or what the application answers when it is asked. */
export class UserDetailsSource {
  private readonly settings: UserDetailsSettings;
  private readonly client: Pick<OutgoingClient, 'send'>;

  constructor(settings: UserDetailsSettings, client: Pick<OutgoingClient, 'send'>) {
    this.settings = settings;
    this.client = client;
  }

  /**
   * @throws 403 `M_FORBIDDEN` if the application knows no such user; 503 `M_UNKNOWN` if it does not answer
   */
  async of(subject: string, claims: JsonObject): Promise<UserDetails> {
    const { localpartClaim, displayNameClaim, rolesClaim, lookupUrl } = this.settings;
    if (lookupUrl !== undefined) return this.lookUp(lookupUrl, subject);
    return {
      username: textOf(claims, localpartClaim),
      displayName: displayNameClaim === undefined ? undefined : textOf(claims, displayNameClaim),
      roles: rolesClaim === undefined ? [] : rolesIn(claims, rolesClaim),
    };
  }

  private async lookUp(template: string, subject: string): Promise<UserDetails> {
    const { lookupToken: token, lookupTimeout: timeoutMs } = this.settings;
    const url = template.replaceAll('{sub}', () => encodeURIComponent(subject));
    let answer: JsonValue;
    try {
      const headers = { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      const reply = await this.client.send({ url, headers, purpose: 'login', timeoutMs, maxBytes: MAX_BYTES });
      if (reply.status === 404 || reply.status === 410) throw forbidden('The application knows no such user');
      if (reply.status !== 200) throw new Error(`the look-up was answered with ${reply.status}`);
      answer = JSON.parse(reply.body.toString()) as JsonValue;
      if (!isJsonObject(answer)) throw new Error('the look-up was not answered with an object');
    } catch (error) {
      if (error instanceof MatrixError) throw error;
      throw new MatrixError('M_UNKNOWN', 'Logging in is not possible at the moment', { status: 503, cause: error });
    }
    return {
      username: textOf(answer, 'username'),
      displayName: textOf(answer, 'display_name'),
      roles: rolesOf(own(answer, 'roles')),
    };
  }
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function textOf(object: JsonObject, key: string): string | undefined {
  const value = own(object, key);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
