import { localpartOf } from '../../protocol/identifiers/parts.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { DirectoryReach } from '../../storage/contract/user-directory.ts';
import { nameWords, plainForm } from './name-words.ts';

export interface FoundUser {
  readonly user_id: string;
  readonly display_name?: string;
  readonly avatar_url?: string;
}

/** What names and pictures users have. */
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

  constructor(storage: Storage, profiles: NamesAndPictures, limits: UserDirectoryLimits) {
    this.storage = storage;
    this.profiles = profiles;
    this.limits = limits;
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
    const all = await Promise.all(rows.slice(0, candidates).map((row) => this.candidate(row.user_id)));
    const matching = all.filter((one) => prefixes.every((prefix) => isMeant(one, prefix)));
    matching.sort((a, b) => rank(a, text) - rank(b, text) || compare(a.name, b.name) || compare(a.id, b.id));
    const chosen = matching.slice(0, Math.min(limit, results)).map(({ found }) => found);
    return { results: chosen, limited: chosen.length < matching.length || rows.length > candidates };
  }

  private async candidate(userId: string): Promise<Candidate> {
    const { displayname, avatar_url } = await this.profiles.memberProfile(userId);
    const found = {
      user_id: userId,
      ...(displayname === undefined ? {} : { display_name: displayname }),
      ...(avatar_url === undefined ? {} : { avatar_url }),
    };
    const words = [...nameWords(localpartOf(userId)), ...nameWords(displayname ?? '')];
    return { found, id: plainForm(userId.slice(1)), name: plainForm(displayname ?? localpartOf(userId)), words };
  }
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
