import { membershipIn, stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import { memberContents } from './member-contents.ts';
import type { UserWords } from './user-words.ts';

/** Users of one write. */
const BATCH = 100;
/** Writes in one run: a server that has joined a large room goes on with its other work in between. */
const BATCHES_PER_RUN = 10;
/** Users whose words wait to be written; beyond, the database is asked who has none. */
const MOST_WAITING = 50_000;
/** Users who are remembered to have the words of their present name. */
const REMEMBERED = 20_000;

/**
 * Makes users of other servers findable by the names that they have in rooms, a little after these are known here. What a
 * stop interrupts is made up for at the next start.
 */
export class RemoteNames {
  private readonly storage: Storage;
  private readonly words: UserWords;
  private readonly waiting = new Map<string, string | undefined>();
  private readonly written = new Lru<string, string>({ max: REMEMBERED });
  /** Whether somebody may have no words who does not wait: at the start that may be. */
  private mustLook = true;

  constructor(storage: Storage, notices: NoticeBoard, words: UserWords, isLocal: (userId: string) => boolean) {
    this.storage = storage;
    this.words = words;
    notices.on('currentState', ({ type, stateKey, before, after }) => {
      if (type !== 'm.room.member' || isLocal(stateKey) || membershipIn(after?.content) !== 'join') return;
      const name = displayNameIn(after?.content);
      const isOld = membershipIn(before?.content) === 'join' && displayNameIn(before?.content) === name;
      if (!isOld && this.written.get(stateKey) !== keyOf(name)) this.note(stateKey, name);
    });
  }

  /** Writes a good part of what waits. */
  async run(): Promise<void> {
    for (let n = 0; n < BATCHES_PER_RUN; n++) {
      if (this.waiting.size === 0 && this.mustLook) await this.look();
      const some = [...this.waiting].slice(0, BATCH);
      if (some.length === 0) return;
      const set = new WriteSet();
      for (const [userId, name] of some) this.words.put(set, userId, name);
      await this.storage.commit(set);
      for (const [userId, name] of some) {
        // Unless it has changed meanwhile.
        if (this.waiting.get(userId) === name) this.waiting.delete(userId);
        this.written.set(userId, keyOf(name));
      }
    }
  }

  private note(userId: string, name: string | undefined): void {
    if (this.waiting.size < MOST_WAITING || this.waiting.has(userId)) this.waiting.set(userId, name);
    else this.mustLook = true;
  }

  private async look(): Promise<void> {
    this.mustLook = false;
    const rows = await this.storage.readHeavy((tx) => tx.userDirectory.withoutWords(BATCH));
    const contents = await memberContents(this.storage, rows);
    for (const { user_id: userId } of rows) this.note(userId, displayNameIn(contents.get(userId)));
    this.mustLook ||= rows.length === BATCH;
  }
}

function displayNameIn(content: JsonObject | undefined): string | undefined {
  return content && stringIn(content, 'displayname');
}

function keyOf(name: string | undefined): string {
  return name === undefined ? '' : `=${name}`;
}
