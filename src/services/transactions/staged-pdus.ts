import { limitExceeded } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { StagedPduRow } from '../../storage/contract/inbox.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';

/** Milliseconds for a server to wait of which too much is waiting. */
const WAIT_MS = 30_000;

/** Events that wait in storage to be checked. How many there are of each server is bounded. */
export class StagedPdus {
  private readonly storage: Storage;
  private readonly maxPerServer: number;
  private readonly counts = new Map<string, number>();

  constructor(storage: Storage, maxPerServer: number) {
    this.storage = storage;
    this.maxPerServer = maxPerServer;
  }

  /** Reads what a former process has left; answers in which rooms. */
  async load(): Promise<string[]> {
    const { counts, rooms } = await this.storage.readHeavy(async (tx) => ({
      counts: await tx.inbox.stagedCounts(),
      rooms: await tx.inbox.stagedRooms(),
    }));
    for (const { origin, count } of counts) this.counts.set(origin, Number(count));
    return rooms;
  }

  /** @throws M_LIMIT_EXCEEDED if so many events of the server wait that no more are taken. */
  checkCapacity(origin: string, more: number): void {
    if ((this.counts.get(origin) ?? 0) + more > this.maxPerServer) throw limitExceeded(WAIT_MS);
  }

  /** Makes events durable; answers the position by which {@link remove} knows them. */
  async add(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<number> {
    const set = new WriteSet();
    const position = set.nextPosition();
    for (const [ordinal, pdu] of pdus.entries()) {
      set.add('staged_pdus.insert', { position, ordinal, room_id: roomId, origin, json: JSON.stringify(pdu) });
    }
    this.count(origin, pdus.length);
    try {
      return (await this.storage.commit(set)).position(position);
    } catch (error) {
      this.count(origin, -pdus.length);
      throw error;
    }
  }

  /** The oldest of a room, all of one server. */
  async next(roomId: string, limit: number): Promise<StagedPduRow[]> {
    const rows = await this.storage.read((tx) => tx.inbox.staged(roomId, limit));
    const end = rows.findIndex((row) => row.origin !== rows[0]!.origin);
    return end < 0 ? rows : rows.slice(0, end);
  }

  /** They are done with. */
  async remove(rows: readonly Pick<StagedPduRow, 'position' | 'ordinal' | 'origin'>[]): Promise<void> {
    const set = new WriteSet();
    for (const { position, ordinal } of rows) set.add('staged_pdus.delete', { position, ordinal });
    if (rows.length > 0) await this.storage.commit(set);
    for (const { origin } of rows) this.count(origin, -1);
  }

  private count(origin: string, change: number): void {
    const count = (this.counts.get(origin) ?? 0) + change;
    if (count > 0) this.counts.set(origin, count);
    else this.counts.delete(origin);
  }
}
