import { profileTooLarge } from '../../protocol/errors.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import { checkFieldName, checkFieldValue } from './profile-field.ts';

/** What a user tells of themself. Has no prototype; frozen. */
export type Profile = Readonly<JsonObject> & { readonly displayname?: string; readonly avatar_url?: string };

/** Finds users by their names. */
export interface NameIndex {
  put(set: WriteSet, userId: string, displayName: string | undefined): void;
  remove(set: WriteSet, userId: string): void;
}

export interface ProfileLimits {
  /** Profiles in memory. */
  readonly cached: number;
  /** Bytes of a profile as JSON. */
  readonly size: number;
}

/** The profiles of local users. Source: https://spec.matrix.org/v1.19/client-server-api/#profiles */
export class Profiles {
  readonly #storage: Storage;
  readonly #notices: NoticeBoard;
  readonly #names: NameIndex;
  readonly #limits: ProfileLimits;
  readonly #cache: Lru<string, Promise<Profile>>;
  /** The last change of each user that is under way: the next decides on top of it. */
  readonly #changing = new Map<string, Promise<void>>();

  constructor(storage: Storage, notices: NoticeBoard, names: NameIndex, limits: ProfileLimits) {
    this.#storage = storage;
    this.#notices = notices;
    this.#names = names;
    this.#limits = limits;
    this.#cache = new Lru({ max: limits.cached });
  }

  /** The profile of a local user; empty if there is none. */
  get(userId: string): Promise<Profile> {
    const known = this.#cache.get(userId);
    if (known !== undefined) return known;
    const loading = this.#load(userId);
    this.#cache.set(userId, loading);
    loading.catch(() => this.#cache.delete(userId));
    return loading;
  }

  /** What rooms show of the user. */
  async memberProfile(userId: string): Promise<Pick<Profile, 'displayname' | 'avatar_url'>> {
    const { displayname, avatar_url } = await this.get(userId);
    return {
      ...(displayname === undefined ? {} : { displayname }),
      ...(avatar_url === undefined ? {} : { avatar_url }),
    };
  }

  /**
   * Sets a field; an empty display name or avatar takes it away.
   *
   * @throws 400 `M_KEY_TOO_LARGE`, `M_INVALID_PARAM`, `M_BAD_JSON`, `M_PROFILE_TOO_LARGE`
   */
  async set(userId: string, field: string, value: JsonValue): Promise<void> {
    checkFieldName(field);
    const kept = checkFieldValue(field, value);
    await this.#change(userId, (before, set) => {
      const text = JSON.stringify(kept);
      if (JSON.stringify(before[field]) === text) return;
      if (text === undefined) set.add('profile_fields.delete', { user_id: userId, field });
      else {
        this.#checkSize(before, field, text);
        set.add('profile_fields.put', { user_id: userId, field, value: text });
      }
      if (field === 'displayname') this.#names.put(set, userId, typeof kept === 'string' ? kept : undefined);
      this.#announce(set, userId, field);
    });
  }

  /** @throws 400 `M_KEY_TOO_LARGE`, `M_INVALID_PARAM` */
  async delete(userId: string, field: string): Promise<void> {
    checkFieldName(field);
    await this.#change(userId, (before, set) => {
      if (before[field] === undefined) return;
      set.add('profile_fields.delete', { user_id: userId, field });
      if (field === 'displayname') this.#names.put(set, userId, undefined);
      this.#announce(set, userId, field);
    });
  }

  /** Adds the first field of a user who is being made in `set`. */
  addFirst(set: WriteSet, userId: string, displayName: string): void {
    set.add('profile_fields.put', { user_id: userId, field: 'displayname', value: JSON.stringify(displayName) });
    this.#names.put(set, userId, displayName);
    set.onCommitted(() => this.#cache.delete(userId));
  }

  /** Deletes the whole profile with `set`. */
  addDeletion(set: WriteSet, userId: string): void {
    set.add('profile_fields.deleteOf', { user_id: userId });
    this.#names.remove(set, userId);
    set.onCommitted(() => this.#cache.delete(userId));
  }

  async #load(userId: string): Promise<Profile> {
    const rows = await this.#storage.read((tx) => tx.profiles.of(userId));
    const profile = Object.create(null) as JsonObject;
    for (const { field, value } of rows) profile[field] = JSON.parse(value) as JsonValue;
    return Object.freeze(profile) as Profile;
  }

  #checkSize(before: Profile, field: string, text: string): void {
    const { [field]: _, ...others } = before;
    const rest = Buffer.byteLength(JSON.stringify(others));
    if (rest + Buffer.byteLength(field) + Buffer.byteLength(text) + 4 > this.#limits.size) throw profileTooLarge();
  }

  /** One change of a user after the other, so that together they cannot exceed the size. */
  async #change(userId: string, decide: (before: Profile, set: WriteSet) => void): Promise<void> {
    const previous = this.#changing.get(userId) ?? Promise.resolve();
    const change = async () => {
      const set = new WriteSet();
      decide(await this.get(userId), set);
      if (set.mutations.length > 0) await this.#storage.commit(set);
    };
    const changed = previous.then(change, change);
    this.#changing.set(userId, changed);
    try {
      await changed;
    } finally {
      if (this.#changing.get(userId) === changed) this.#changing.delete(userId);
    }
  }

  #announce(set: WriteSet, userId: string, field: string): void {
    const isOfRooms = field === 'displayname' || field === 'avatar_url';
    // Before the rooms are told the server may stop.
    if (isOfRooms) set.add('users.profileChanged', { user_id: userId });
    set.onCommitted(() => {
      this.#cache.delete(userId);
      if (isOfRooms) this.#notices.publish('profile', { userId });
    });
  }
}
