/**
 * Reads filters: strict about the types of what it knows, and without interest in anything else.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter
 */
import { badJson, type MatrixError } from '../errors.ts';
import { isRoomId } from '../identifiers/room-id.ts';
import { isUserId } from '../identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { EventFilter, Filter, RoomEventFilter, RoomFilter } from './filter.ts';

/** The filter, or 400 `M_BAD_JSON` that tells which field is wrong. */
export function parseFilter(json: JsonValue | undefined): Filter | MatrixError {
  return refusing(() => {
    const filter = new Fields(json, 'filter');
    return {
      ...filter.strings('event_fields'),
      ...filter.oneOf('event_format', ['client', 'federation']),
      ...filter.object('presence', eventFilter),
      ...filter.object('account_data', eventFilter),
      ...filter.object('room', roomFilter),
    };
  });
}

/** The `filter` of `/messages`, `/context` and `/search`, or 400 `M_BAD_JSON`. */
export function parseRoomEventFilter(json: JsonValue | undefined): RoomEventFilter | MatrixError {
  return refusing(() => roomEventFilter(new Fields(json, 'filter')));
}

/** Thrown inside this file only, so that the functions above read like the form of a filter. */
class WrongField extends Error {}

function refusing<T>(read: () => T): T | MatrixError {
  try {
    return read();
  } catch (error) {
    if (error instanceof WrongField) return badJson(error.message);
    throw error;
  }
}

function eventFilter(fields: Fields): EventFilter {
  return {
    ...fields.count('limit'),
    ...fields.strings('types'),
    ...fields.strings('not_types'),
    ...fields.strings('senders', isUserId, 'user ids'),
    ...fields.strings('not_senders', isUserId, 'user ids'),
  };
}

function roomEventFilter(fields: Fields): RoomEventFilter {
  return {
    ...eventFilter(fields),
    ...fields.strings('rooms', isRoomId, 'room ids'),
    ...fields.strings('not_rooms', isRoomId, 'room ids'),
    ...fields.boolean('contains_url'),
    ...fields.boolean('lazy_load_members'),
    ...fields.boolean('include_redundant_members'),
    ...fields.boolean('unread_thread_notifications'),
    ...fields.strings('related_by_senders', isUserId, 'user ids'),
    ...fields.strings('related_by_rel_types'),
  };
}

function roomFilter(fields: Fields): RoomFilter {
  return {
    ...fields.strings('rooms', isRoomId, 'room ids'),
    ...fields.strings('not_rooms', isRoomId, 'room ids'),
    ...fields.boolean('include_leave'),
    ...fields.object('ephemeral', roomEventFilter),
    ...fields.object('state', roomEventFilter),
    ...fields.object('timeline', roomEventFilter),
    ...fields.object('account_data', roomEventFilter),
  };
}

type Field<K extends string, V> = { readonly [key in K]?: V };

/** Reads fields one by one; each answer has the field or, where it is absent, nothing. */
class Fields {
  readonly #json: JsonObject;
  readonly #path: string;

  constructor(json: JsonValue | undefined, path: string) {
    if (!isJsonObject(json)) throw new WrongField(`${path} is not an object`);
    this.#json = json;
    this.#path = path;
  }

  boolean<K extends string>(key: K): Field<K, boolean> {
    return this.#field(key, 'a boolean', (value): value is boolean => typeof value === 'boolean');
  }

  count<K extends string>(key: K): Field<K, number> {
    const isCount = (value: JsonValue): value is number => typeof value === 'number' && Number.isSafeInteger(value);
    return this.#field(key, 'an integer of 0 or more', (value): value is number => isCount(value) && value >= 0);
  }

  oneOf<K extends string, const V extends string>(key: K, values: readonly V[]): Field<K, V> {
    return this.#field(key, values.join(' or '), (value): value is V => values.some((known) => known === value));
  }

  strings<K extends string>(
    key: K,
    check: (text: string) => boolean = () => true,
    what = 'strings',
  ): Field<K, readonly string[]> {
    return this.#field(
      key,
      `a list of ${what}`,
      (value): value is string[] =>
        Array.isArray(value) && value.every((entry) => typeof entry === 'string' && check(entry)),
    );
  }

  object<K extends string, V>(key: K, read: (fields: Fields) => V): Field<K, V> {
    const value = this.#json[key];
    return value === undefined ? {} : single(key, read(new Fields(value, `${this.#path}.${key}`)));
  }

  #field<K extends string, V extends JsonValue>(
    key: K,
    what: string,
    is: (value: JsonValue) => value is V,
  ): Field<K, V> {
    const value = this.#json[key];
    if (value === undefined) return {};
    if (!is(value)) throw new WrongField(`${this.#path}.${key} is not ${what}`);
    return single(key, value);
  }
}

function single<K extends string, V>(key: K, value: V): Field<K, V> {
  return { [key]: value } as Field<K, V>;
}
