import type { EventRow } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';

/** In the place of a room: up to which number events of the past have been indexed. No room has it. */
const OF_THE_PAST = 0;

/**
 * Events from before rooms were known here, which have no place in the stream: those that are fetched are remembered,
 * and those that a server before this one has left, or that were too many, are looked for once after the start.
 */
export class OldEvents {
  private readonly storage: Storage;
  private readonly most: number;
  private readonly fetched: number[] = [];
  /** The newest event when this server looked first; undefined until then. */
  private upTo: number | undefined;
  private isCaughtUp = false;
  private taking: Promise<boolean> | undefined;

  /** @param limits `most`: events that are remembered */
  constructor(storage: Storage, limits: { readonly most: number }) {
    this.storage = storage;
    this.most = limits.most;
  }

  get hasFetched(): boolean {
    return this.fetched.length > 0;
  }

  add(eventNid: number): void {
    if (this.fetched.length < this.most) this.fetched.push(eventNid);
  }

  /** Hands some to `index`, which adds its writes to the set; answers whether there may be more. One at a time. */
  take(limit: number, index: (set: WriteSet, rows: readonly EventRow[]) => Promise<void>): Promise<boolean> {
    this.taking ??= this.takeSome(limit, index).finally(() => {
      this.taking = undefined;
    });
    return this.taking;
  }

  private async takeSome(
    limit: number,
    index: (set: WriteSet, rows: readonly EventRow[]) => Promise<void>,
  ): Promise<boolean> {
    const set = new WriteSet();
    if (this.hasFetched) {
      const nids = this.fetched.slice(0, limit);
      await index(set, await this.storage.readHeavy((tx) => tx.events.byNids(nids)));
      if (set.mutations.length > 0) await this.storage.commit(set);
      this.fetched.splice(0, nids.length);
      return this.hasFetched || !this.isCaughtUp;
    }
    if (this.isCaughtUp) return false;
    const rows = await this.storage.readHeavy(async (tx) => {
      this.upTo ??= await tx.search.newestNid();
      const after = (await tx.search.progress(OF_THE_PAST))?.position ?? 0;
      return tx.search.oldEvents(after, this.upTo, limit);
    });
    await index(set, rows);
    const isLast = rows.length < limit;
    const position = isLast ? this.upTo! : rows.at(-1)!.event_nid;
    await this.storage.commit(set.add('search_progress.put', { room_nid: OF_THE_PAST, position }));
    this.isCaughtUp = isLast;
    return !isLast;
  }
}
