/**
 * How an application service is made known to its homeserver.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#registration
 */
import { isStrictLocalpart } from '../../protocol/identifiers/user-id.ts';

/** Identifiers that an application service is interested in; those of an exclusive one belong to it alone. */
export interface Namespace {
  readonly exclusive: boolean;
  /** Matches at the beginning of the identifier. */
  readonly regex: RegExp;
}

export interface AppserviceRegistration {
  readonly id: string;
  /** Where it is reached; undefined if it wants to hear nothing. */
  readonly url: string | undefined;
  /** It shows this token. */
  readonly asToken: string;
  /** It is shown this one. */
  readonly hsToken: string;
  readonly senderLocalpart: string;
  readonly namespaces: Readonly<Record<'users' | 'aliases' | 'rooms', readonly Namespace[]>>;
  /** Whether its users are limited; its sender never is. */
  readonly isRateLimited: boolean;
  readonly protocols: readonly string[];
  readonly receivesEphemeral: boolean;
}

/** Reads a registration. @throws Error that says which key is wrong */
export function readRegistration(written: unknown): AppserviceRegistration {
  const keys = mapOf(written, 'the file');
  const senderLocalpart = text(keys, 'sender_localpart');
  if (!isStrictLocalpart(senderLocalpart)) throw new Error('sender_localpart: expected the localpart of a user id');
  const namespaces = mapOf(keys.get('namespaces') ?? {}, 'namespaces');
  return {
    id: text(keys, 'id'),
    url: keys.get('url') === null || keys.get('url') === '' ? undefined : webAddress(text(keys, 'url')),
    asToken: text(keys, 'as_token'),
    hsToken: text(keys, 'hs_token'),
    senderLocalpart,
    namespaces: {
      users: namespaceList(namespaces, 'users'),
      aliases: namespaceList(namespaces, 'aliases'),
      rooms: namespaceList(namespaces, 'rooms'),
    },
    isRateLimited: flag(keys, 'rate_limited') ?? true,
    protocols: listOf(keys.get('protocols'), 'protocols').map((name) => String(name)),
    receivesEphemeral: flag(keys, 'receive_ephemeral') ?? false,
  };
}

type Keys = ReadonlyMap<string, unknown>;

function mapOf(value: unknown, name: string): Keys {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name}: expected keys`);
  return new Map(Object.entries(value));
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${name}: expected a list`);
  return value;
}

function text(keys: Keys, name: string): string {
  const value = keys.get(name);
  if (typeof value !== 'string' || value === '') throw new Error(`${name}: expected a text`);
  return value;
}

function flag(keys: Keys, name: string): boolean | undefined {
  const value = keys.get(name);
  if (value !== undefined && typeof value !== 'boolean') throw new Error(`${name}: expected true or false`);
  return value;
}

function webAddress(address: string): string {
  if (!URL.canParse(address) || !/^https?:/i.test(address)) throw new Error('url: expected a web address or null');
  return address.replace(/\/+$/, '');
}

function namespaceList(keys: Keys, name: string): Namespace[] {
  return listOf(keys.get(name), `namespaces.${name}`).map((item) => {
    const namespace = mapOf(item, `namespaces.${name}`);
    return { exclusive: flag(namespace, 'exclusive') ?? false, regex: expression(text(namespace, 'regex'), name) };
  });
}

function expression(source: string, name: string): RegExp {
  try {
    return new RegExp(`^(?:${source})`);
  } catch (cause) {
    throw new Error(`namespaces.${name}: "${source}" is no regular expression`, { cause });
  }
}
