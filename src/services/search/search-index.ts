import type { EventRow } from '../../storage/contract/events.ts';
import type { ReadTx } from '../../storage/contract/read-tx.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../events.ts';
import {
  type IndexableText,
  type IndexEffect,
  indexableText,
  indexEffect,
  type ReadEvent,
  readEvent,
} from './indexable-text.ts';
import { OldEvents } from './old-events.ts';
import { indexedWords } from './search-words.ts';

/** Events that are indexed in one write. */
const BATCH = 200;
/** Writes in one run: a server that has much to index goes on with its other work in between. */
const BATCHES_PER_RUN = 20;
/** What one search brings up to date at most before it looks. */
const BATCHES_PER_SEARCH = 5;

export interface SearchIndexSettings {
  readonly enabled: boolean;
  /** Rooms with news for the index that are kept in memory; beyond, the database is asked which they are. */
  readonly searchRoomsBehind: number;
}

/** The label under which the events of a room are indexed. */
export function roomLabel(roomNid: number): string {
  return `r${roomNid}`;
}

/** Follows the timelines of rooms, apart from the sending of events, and keeps their texts findable. */
export class SearchIndex {
  private readonly storage: Storage;
  private readonly settings: SearchIndexSettings;
  private readonly behind = new Set<number>();
  /** Whether there may be rooms behind that are not in memory: at the start there may. */
  private mustLook = true;
  private readonly running = new Map<number, Promise<boolean>>();
  private readonly old: OldEvents;

  constructor(storage: Storage, notices: NoticeBoard, settings: SearchIndexSettings) {
    this.storage = storage;
    this.settings = settings;
    this.old = new OldEvents(storage, { most: settings.searchRoomsBehind });
    if (!settings.enabled) return;
    notices.on('timeline', ({ roomNid }) => this.moved(roomNid));
    notices.on('oldEvent', ({ eventNid }) => this.old.add(eventNid));
  }

  /** Makes what somebody has sent no longer findable, `limit` events at most. False if there was nothing left. */
  async deleteOf(sender: string, limit: number): Promise<boolean> {
    const rows = await this.storage.read((tx) => tx.search.documentsOf(sender, limit));
    if (rows.length === 0) return false;
    const set = new WriteSet();
    for (const { event_nid } of rows) {
      set.add('search_documents.delete', { event_nid }).add('search_index.delete', { event_nid });
    }
    await this.storage.commit(set);
    return true;
  }

  /** Indexes a good part of what is new. */
  async run(): Promise<void> {
    if (!this.settings.enabled) return;
    if (this.behind.size === 0 && this.mustLook) await this.look();
    let left = BATCHES_PER_RUN;
    for (const roomNid of this.behind) {
      while (left > 0 && (await this.advance(roomNid))) left -= 1;
      if (left <= 0) return;
      left -= 1;
    }
    while (left > 0 && (await this.indexOld())) left -= 1;
  }

  /** Indexes what is new in these rooms, unless that is much: who searches finds what was said a moment ago. */
  async catchUp(roomNids: Iterable<number>): Promise<void> {
    if (this.behind.size === 0 && this.mustLook) await this.look();
    let left = BATCHES_PER_SEARCH;
    for (const roomNid of roomNids) {
      if (!this.behind.has(roomNid)) continue;
      while (left > 0 && (await this.advance(roomNid))) left -= 1;
      if (left <= 0) return;
    }
    while (left > 0 && this.old.hasFetched && (await this.indexOld())) left -= 1;
  }

  /** Indexes some of what was fetched from before rooms were known here; answers whether there may be more. */
  private indexOld(): Promise<boolean> {
    return this.old.take(BATCH, async (set, rows) => {
      for (const [roomNid, ofRoom] of byRoom(rows)) {
        const isEncrypted = await this.storage.readHeavy((tx) => tx.search.isEncrypted(roomNid));
        await this.addTexts(set, roomNid, ofRoom, isEncrypted);
      }
    });
  }

  private moved(roomNid: number): void {
    if (this.behind.size < this.settings.searchRoomsBehind) this.behind.add(roomNid);
    else this.mustLook ||= !this.behind.has(roomNid);
  }

  private async look(): Promise<void> {
    const limit = this.settings.searchRoomsBehind;
    this.mustLook = false;
    const rows = await this.storage.readHeavy((tx) => tx.search.roomsBehind(limit));
    for (const row of rows) this.behind.add(row.room_nid);
    this.mustLook ||= rows.length === limit;
  }

  /** Indexes a batch of a room; answers whether there may be more. Never twice at once for a room. */
  private advance(roomNid: number): Promise<boolean> {
    const running = this.running.get(roomNid);
    if (running) return running;
    const started = this.indexBatch(roomNid).finally(() => this.running.delete(roomNid));
    this.running.set(roomNid, started);
    return started;
  }

  private async indexBatch(roomNid: number): Promise<boolean> {
    // What comes from here on puts the room back among those behind.
    this.behind.delete(roomNid);
    try {
      const { rows, isEncrypted } = await this.storage.readHeavy(async (tx) => {
        const from = (await tx.search.progress(roomNid))?.position ?? 0;
        const found = await tx.search.eventsAfter(roomNid, from, BATCH);
        return { rows: found, isEncrypted: found.length > 0 && (await tx.search.isEncrypted(roomNid)) };
      });
      const last = rows.at(-1);
      if (!last) return false;
      const set = new WriteSet();
      await this.addTexts(set, roomNid, rows, isEncrypted);
      set.add('search_progress.put', { room_nid: roomNid, position: last.stream_position! });
      await this.storage.commit(set);
      if (rows.length === BATCH) this.moved(roomNid);
      return rows.length === BATCH;
    } catch (error) {
      this.moved(roomNid);
      throw error;
    }
  }

  private async addTexts(set: WriteSet, roomNid: number, rows: readonly EventRow[], isEncrypted: boolean) {
    const read = rows.map(readEvent);
    const effects = read
      .map((event) => ({ event, ...indexEffect(event) }))
      .filter(({ target }) => target !== undefined);
    if (effects.length === 0) return;
    const { events, edits } = await this.storage.readHeavy(async (tx) => {
      const changed = await targetsOf(tx, read, effects);
      const ids = changed.map(({ row }) => row.event_id);
      return { events: changed, edits: ids.length === 0 ? [] : await tx.relations.latestEdits(roomNid, ids) };
    });
    const nidOf = new Map(events.map(({ row }) => [row.event_id, row.event_nid]));
    for (const { event, target, isEdit } of effects) {
      const event_nid = isEdit ? nidOf.get(target!) : undefined;
      if (event_nid !== undefined) set.add('search_edits.put', { edit_nid: event.row.event_nid, event_nid });
    }
    const editOf = new Map(edits.map((edit) => [edit.relates_to, edit]));
    for (const event of events) {
      const { row } = event;
      const isShown = row.room_nid === roomNid && placeOf(row) !== undefined;
      if (isShown) addText(set, row, isEncrypted ? undefined : indexableText(event, editOf.get(row.event_id)));
    }
  }
}

/** Where an event stands in the order of its room; what is from before the room was known here comes before all others. */
function placeOf(row: EventRow): number | undefined {
  return row.stream_position ?? row.chunk_index ?? undefined;
}

function byRoom(rows: readonly EventRow[]): Map<number, EventRow[]> {
  const rooms = new Map<number, EventRow[]>();
  for (const row of rows) {
    const known = rooms.get(row.room_nid);
    if (known) known.push(row);
    else rooms.set(row.room_nid, [row]);
  }
  return rooms;
}

/**
 * The events whose texts change, most of which are the `read` ones themselves. An edit that was redacted does not say
 * of what, so that the index has to know.
 */
async function targetsOf(
  tx: ReadTx,
  read: readonly ReadEvent[],
  effects: readonly IndexEffect[],
): Promise<ReadEvent[]> {
  const targets = new Set(effects.map(({ target }) => target!));
  const found = read.filter(({ row }) => targets.delete(row.event_id));
  if (targets.size > 0) found.push(...(await tx.events.byIds([...targets])).map(readEvent));
  const redacted = new Set(effects.filter((effect) => effect.isRedaction).map(({ target }) => target));
  if (redacted.size === 0) return found;
  const edits = found.filter(({ row }) => redacted.has(row.event_id)).map(({ row }) => row.event_nid);
  const originals = (await tx.search.edited(edits)).map((row) => row.event_nid);
  return originals.length === 0 ? found : [...found, ...(await tx.events.byNids(originals)).map(readEvent)];
}

function addText(set: WriteSet, row: EventRow, found: IndexableText | undefined): void {
  const { event_nid, room_nid, sender } = row;
  const words = found ? indexedWords(found.text) : '';
  if (!found || words === '') {
    set.add('search_documents.delete', { event_nid }).add('search_index.delete', { event_nid });
    return;
  }
  const position = placeOf(row)!;
  set.add('search_documents.put', { event_nid, room_nid, position, sender, text_key: found.key });
  set.add('search_index.put', { event_nid, labels: roomLabel(room_nid), words });
}
