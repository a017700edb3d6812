import { stringIn } from '../../protocol/events/content-readers.ts';
import { parseMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import { localpartOf } from '../../protocol/identifiers/parts.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { DirectoryReach } from '../../storage/contract/user-directory.ts';
import { memberContents } from './member-contents.ts';
import { nameWords, plainForm } from './name-words.ts';

export interface FoundUser {
  readonly user_id: string;
  readonly display_name?: string;
  readonly avatar_url?: string;
}

/** What names and pictures users of this server have. */
export interface NamesAndPictures {
  memberProfile(userId: string): Promise<{ readonly displayname?: string; readonly avatar_url?: string }>;
}

export interface UserDirectoryLimits {
  /** Users in one answer. */
  readonly results: number;
  /** Users of whom the best are chosen for it. */
  readonly candidates: number;
  /** Whom a user may find. */
  readonly reach: DirectoryReach;
}

/** A user who may be meant, in the forms that are compared. */
interface Candidate {
  readonly found: FoundUser;
  readonly id: string;
  readonly name: string;
  readonly words: readonly string[];
}

/**
 * Finds people by their names.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#user-directory
 */
export class UserDirectory {
  private readonly storage: Storage;
  private readonly profiles: NamesAndPictures;
  private readonly limits: UserDirectoryLimits;
  private readonly isLocal: (userId: string) => boolean;

  constructor(
    storage: Storage,
    profiles: NamesAndPictures,
    isLocal: (userId: string) => boolean,
    limits: UserDirectoryLimits,
  ) {
    this.storage = storage;
    this.profiles = profiles;
    this.limits = limits;
    this.isLocal = isLocal;
  }

  /**
   * Users of whom `userId` may know and in whose id or display name a word starts with each word of `term`; those
   * whose whole name it is first.
   */
  async search(userId: string, term: string, limit: number): Promise<{ results: FoundUser[]; limited: boolean }> {
    const text = plainForm(term.trim()).replace(/^@/, '');
    const prefixes = text.includes(':') ? [text] : nameWords(text);
    const longest = prefixes.reduce((a, b) => (b.length > a.length ? b : a), '');
    if (longest === '') return { results: [], limited: false };
    const { candidates, results, reach } = this.limits;
    const rows = await this.storage.readHeavy((tx) =>
      tx.userDirectory.search(Buffer.from(longest), userId, candidates + 1, reach),
    );
    const all = await this.candidates(rows.slice(0, candidates), userId);
    const matching = all.filter((one) => prefixes.every((prefix) => isMeant(one, prefix)));
    matching.sort((a, b) => rank(a, text) - rank(b, text) || compare(a.name, b.name) || compare(a.id, b.id));
    const chosen = matching.slice(0, Math.min(limit, results)).map(({ found }) => found);
    return { results: chosen, limited: chosen.length < matching.length || rows.length > candidates };
  }

  /** With the names that `seeker` may see: users of other servers have those of rooms. */
  private async candidates(rows: readonly { user_id: string }[], seeker: string): Promise<Candidate[]> {
    const userIds = rows.map((row) => row.user_id);
    const others = userIds.filter((userId) => !this.isLocal(userId));
    const seen = await this.storage.readHeavy((tx) => tx.userDirectory.seenBy(seeker, others, this.limits.reach));
    const contents = await memberContents(this.storage, seen);
    return Promise.all(
      userIds.map(async (userId) => {
        if (this.isLocal(userId)) return candidate(userId, await this.profiles.memberProfile(userId));
        const content = contents.get(userId) ?? {};
        return candidate(userId, { displayname: stringIn(content, 'displayname'), avatar_url: pictureIn(content) });
      }),
    );
  }
}

function pictureIn(content: JsonObject): string | undefined {
  const address = stringIn(content, 'avatar_url');
  return address !== undefined && parseMxcUri(address) !== undefined ? address : undefined;
}

function candidate(
  userId: string,
  { displayname, avatar_url }: { readonly displayname?: string | undefined; readonly avatar_url?: string | undefined },
): Candidate {
  const found = {
    user_id: userId,
    ...(displayname === undefined ? {} : { display_name: displayname }),
    ...(avatar_url === undefined ? {} : { avatar_url }),
  };
  const words = [...nameWords(localpartOf(userId)), ...nameWords(displayname ?? '')];
  return { found, id: plainForm(userId.slice(1)), name: plainForm(displayname ?? localpartOf(userId)), words };
}

function isMeant({ id, words }: Candidate, prefix: string): boolean {
  return id.startsWith(prefix) || words.some((word) => word.startsWith(prefix));
}

/** The better a user fits, the less: exactly, from the beginning, or somewhere. */
function rank({ id, name }: Candidate, text: string): number {
  if (name === text || id === text || id.startsWith(`${text}:`)) return 0;
  return name.startsWith(text) || id.startsWith(text) ? 1 : 2;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
