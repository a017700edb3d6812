import { localpartOf } from '../../protocol/identifiers/parts.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { NameIndex } from '../profiles/profiles.ts';
import { nameWords, plainForm } from './name-words.ts';

/** The words under which users are found: those of their names, and their ids as a whole. */
export class UserWords implements NameIndex {
  /** Replaces the words of a user. */
  put(set: WriteSet, userId: string, displayName: string | undefined): void {
    this.remove(set, userId);
    const words = new Set([plainForm(userId.slice(1)), ...nameWords(localpartOf(userId))]);
    for (const word of nameWords(displayName ?? '')) words.add(word);
    for (const word of words) set.add('user_directory_words.put', { word: Buffer.from(word), user_id: userId });
  }

  remove(set: WriteSet, userId: string): void {
    set.add('user_directory_words.deleteOf', { user_id: userId });
  }
}
