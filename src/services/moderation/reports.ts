import { notFound, tooLarge } from '../../protocol/errors.ts';
import type { ReportRow } from '../../storage/contract/reports.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { EventLookup } from '../history/event-lookup.ts';
import type { RoomCache } from '../timeline/room-cache.ts';

export interface ReportsParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly rooms: RoomCache;
  readonly lookup: Pick<EventLookup, 'find'>;
  /** Whether there is such a user, as far as this server knows; those of other servers there may always be. */
  readonly mayExist: (userId: string) => Promise<boolean>;
  readonly limits: {
    /** Reports that are kept of one user; beyond, the oldest goes. */
    readonly reportsPerUser: number;
    /** Bytes of a reason. */
    readonly reportReasonSize: number;
    readonly pageMax: number;
  };
}

/**
 * Takes reports of events, rooms and users, for the administrators to read.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#reporting-content
 */
export class Reports {
  private readonly parts: ReportsParts;

  constructor(parts: ReportsParts) {
    this.parts = parts;
  }

  /** @throws 404 `M_NOT_FOUND` for events that the reporter cannot see, and outside the room; 413 `M_TOO_LARGE` */
  async event(reporter: string, roomId: string, eventId: string, reason: string): Promise<void> {
    const { rooms, lookup } = this.parts;
    if (!(await rooms.get(roomId))?.isJoined(reporter)) throw notFound('You are not in this room');
    const { event } = await lookup.find(reporter, roomId, eventId);
    await this.insert({ reporter, room_id: roomId, event_id: eventId, user_id: event.sender, reason });
  }

  /** @throws 404 `M_NOT_FOUND` for rooms that this server does not know; 413 `M_TOO_LARGE` */
  async room(reporter: string, roomId: string, reason: string): Promise<void> {
    if (!(await this.parts.rooms.get(roomId))) throw notFound('There is no such room');
    await this.insert({ reporter, room_id: roomId, event_id: null, user_id: null, reason });
  }

  /** @throws 404 `M_NOT_FOUND`; 413 `M_TOO_LARGE` */
  async user(reporter: string, userId: string, reason: string): Promise<void> {
    if (!(await this.parts.mayExist(userId))) throw notFound('There is no such user');
    await this.insert({ reporter, room_id: null, event_id: null, user_id: userId, reason });
  }

  /** Newest first; `next` goes on after them, if there are more. */
  async list(from: number, limit: number): Promise<{ reports: ReportRow[]; total: number; next: number | undefined }> {
    const most = Math.min(limit, this.parts.limits.pageMax);
    const { rows, total } = await this.parts.storage.readHeavy(async (tx) => ({
      rows: await tx.reports.newest(from, most + 1),
      total: await tx.reports.count(),
    }));
    const reports = rows.slice(0, most);
    return { reports, total, next: rows.length > most ? reports.at(-1)?.report_id : undefined };
  }

  private async insert(report: Omit<ReportRow, 'report_id' | 'created_at'>): Promise<void> {
    const { storage, clock, limits } = this.parts;
    if (Buffer.byteLength(report.reason) > limits.reportReasonSize) {
      throw tooLarge(`A reason has at most ${limits.reportReasonSize} bytes`);
    }
    const set = new WriteSet();
    set.add('reports.insert', { ...report, created_at: clock.now() });
    set.add('reports.trim', { reporter: report.reporter, keep: limits.reportsPerUser });
    await storage.commit(set);
  }
}
