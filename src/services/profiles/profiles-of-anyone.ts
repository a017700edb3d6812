import { notFound } from '../../protocol/errors.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import type { Profile } from './profiles.ts';

export interface ProfileSources {
  readonly accounts: { exists(userId: string): Promise<boolean> };
  readonly local: { get(userId: string): Promise<Profile> };
  readonly remote: { get(userId: string): Promise<Profile> };
  readonly isLocal: (userId: string) => boolean;
}

/** The profiles of users, wherever they are. */
export class ProfilesOfAnyone {
  readonly #sources: ProfileSources;

  constructor(sources: ProfileSources) {
    this.#sources = sources;
  }

  /** @throws M_NOT_FOUND; of users of other servers also M_FORBIDDEN and M_UNKNOWN 502 */
  async get(userId: string): Promise<Profile> {
    return this.#sources.isLocal(userId) ? this.ofLocal(userId) : this.#sources.remote.get(userId);
  }

  /** One field. @throws M_NOT_FOUND also if it is not there; what {@link get} throws */
  async field(userId: string, name: string): Promise<JsonObject> {
    return only(await this.get(userId), name);
  }

  /** What another server is told, of all fields or one. @throws M_NOT_FOUND */
  async toldTo(userId: string, field: string | undefined): Promise<JsonObject> {
    if (!this.#sources.isLocal(userId)) throw notFound('The user is none of this server');
    const profile = await this.ofLocal(userId);
    return field === undefined ? profile : only(profile, field);
  }

  private async ofLocal(userId: string): Promise<Profile> {
    if (!(await this.#sources.accounts.exists(userId))) throw notFound('There is no such user');
    return this.#sources.local.get(userId);
  }
}

function only(profile: Profile, field: string): JsonObject {
  const value: JsonValue | undefined = profile[field];
  if (value === undefined) throw notFound('The profile has no such field');
  const one: JsonObject = Object.create(null);
  one[field] = value;
  return one;
}
