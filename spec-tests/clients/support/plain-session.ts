import type { Session } from './device.ts';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export interface SyncedRoom {
  timeline: { events: RoomEvent[]; limited?: boolean; prev_batch?: string };
}

export interface SyncAnswer {
  next_batch: string;
  rooms?: { join?: Record<string, SyncedRoom> };
  device_one_time_keys_count?: Record<string, number>;
  to_device?: { events: { type: string; content: Record<string, unknown> }[] };
}

export interface RoomEvent {
  type: string;
  event_id: string;
  content: Record<string, unknown>;
}

/** A session without a client: one request, one answer, nothing tried again. */
export class PlainSession {
  constructor(readonly session: Session) {}

  /** Rejects when no answer came back whole. */
  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.session.baseUrl}/_matrix/client/v3${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.session.accessToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** The body of an answer with status 200; anything else is an error. */
  async ok<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request(method, path, body);
    if (answer.status !== 200) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`);
    }
    return answer.body as T;
  }

  async sync(options: { since?: string; timeout?: number; limit: number }): Promise<SyncAnswer> {
    const query = new URLSearchParams({
      timeout: String(options.timeout ?? 0),
      filter: JSON.stringify({ room: { timeline: { limit: options.limit } }, presence: { types: [] } }),
    });
    if (options.since !== undefined) query.set('since', options.since);
    return this.ok<SyncAnswer>('GET', `/sync?${query}`);
  }

  /** Every event of a room, oldest first; after `to`, where it is given. */
  async history(room: string, from?: string, to?: string): Promise<RoomEvent[]> {
    const events: RoomEvent[] = [];
    let token = from;
    do {
      const query = new URLSearchParams({ dir: 'b', limit: '100' });
      if (token !== undefined) query.set('from', token);
      if (to !== undefined) query.set('to', to);
      const page = await this.ok<{ chunk: RoomEvent[]; end?: string }>('GET', `${roomPath(room)}/messages?${query}`);
      events.push(...page.chunk);
      token = page.end;
    } while (token !== undefined);
    return events.reverse();
  }
}

export function roomPath(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}
