import { createHash } from 'node:crypto';
import { forbidden, invalidParam, MatrixError, notFound, notJson, tooLarge } from '../../protocol/errors.ts';
import { parseFilter, parseRoomEventFilter } from '../../protocol/filters/parse-filter.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import {
  type CompiledFilter,
  type CompiledRoomEventFilter,
  compileFilter,
  compileRoomEventFilter,
} from './compiled-filter.ts';

export interface FiltersParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly limits: {
    /** Filters kept in memory. */
    readonly filterCacheEntries: number;
    /** Filters that a user may store; beyond, the oldest goes. */
    readonly filtersPerUser: number;
    /** Bytes of a filter. */
    readonly filterSize: number;
  };
}

const EVERYTHING = compileFilter({});
const EVERY_ROOM_EVENT = compileRoomEventFilter();

/**
 * The filters that clients store, and those that they send along.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#filtering
 */
export class Filters {
  private readonly parts: FiltersParts;
  /** By text, and those that are stored by user and id as well. */
  private readonly compiled: Lru<string, CompiledFilter>;
  private readonly ofRoomEvents: Lru<string, CompiledRoomEventFilter>;

  constructor(parts: FiltersParts) {
    this.parts = parts;
    this.compiled = new Lru({ max: parts.limits.filterCacheEntries });
    this.ofRoomEvents = new Lru({ max: parts.limits.filterCacheEntries });
  }

  /**
   * Stores a filter and answers its id: the same for the same filter.
   * @throws 403 `M_FORBIDDEN`, 400 `M_BAD_JSON`, 413 `M_TOO_LARGE`
   */
  async define(requesterId: string, userId: string, filter: JsonObject): Promise<string> {
    checkOwner(requesterId, userId);
    orThrow(parseFilter(filter));
    const json = JSON.stringify(filter);
    this.checkSize(json);
    const filterId = createHash('sha256').update(json).digest('base64url').slice(0, 16);
    const set = new WriteSet();
    set.add('filters.insert', {
      user_id: userId,
      filter_id: filterId,
      json,
      created_at: this.parts.clock.now(),
    });
    set.add('filters.trim', { user_id: userId, keep: this.parts.limits.filtersPerUser });
    await this.parts.storage.commit(set);
    return filterId;
  }

  /** JSON text of a stored filter. @throws 403 `M_FORBIDDEN`, 404 `M_NOT_FOUND` */
  async read(requesterId: string, userId: string, filterId: string): Promise<string> {
    checkOwner(requesterId, userId);
    const json = await this.stored(userId, filterId);
    if (json === undefined) throw notFound('There is no such filter');
    return json;
  }

  /**
   * What the `filter` parameter of `/sync` names: an id, or the filter itself.
   * @throws 400 `M_INVALID_PARAM` for an unknown id, `M_NOT_JSON`, `M_BAD_JSON`
   */
  async resolve(userId: string, param: string | undefined): Promise<CompiledFilter> {
    if (param === undefined || param === '') return EVERYTHING;
    if (param.startsWith('{')) return this.compile(param, param);
    const key = `${userId} ${param}`;
    const known = this.compiled.get(key);
    if (known) return known;
    const json = await this.stored(userId, param);
    if (json === undefined) throw invalidParam('There is no such filter');
    return this.compile(key, json);
  }

  /** The `filter` parameter of `/messages` and `/context`. @throws 400 `M_NOT_JSON`, `M_BAD_JSON` */
  resolveRoomEvents(param: string | undefined): CompiledRoomEventFilter {
    if (param === undefined || param === '') return EVERY_ROOM_EVENT;
    const known = this.ofRoomEvents.get(param);
    if (known) return known;
    const made = compileRoomEventFilter(orThrow(parseRoomEventFilter(this.parse(param))));
    this.ofRoomEvents.set(param, made);
    return made;
  }

  private compile(key: string, json: string): CompiledFilter {
    const known = this.compiled.get(key);
    if (known) return known;
    const made = compileFilter(orThrow(parseFilter(this.parse(json))));
    this.compiled.set(key, made);
    return made;
  }

  private parse(json: string): JsonValue {
    this.checkSize(json);
    try {
      return JSON.parse(json) as JsonValue;
    } catch {
      throw notJson('The filter is not valid JSON');
    }
  }

  private async stored(userId: string, filterId: string): Promise<string | undefined> {
    return (await this.parts.storage.read((tx) => tx.filters.get(userId, filterId)))?.json;
  }

  private checkSize(json: string): void {
    const limit = this.parts.limits.filterSize;
    if (Buffer.byteLength(json) > limit) throw tooLarge(`A filter has at most ${limit} bytes`);
  }
}

function checkOwner(requesterId: string, userId: string): void {
  if (requesterId !== userId) throw forbidden('You can only use your own filters');
}

function orThrow<T>(result: T | MatrixError): T {
  if (result instanceof MatrixError) throw result;
  return result;
}
