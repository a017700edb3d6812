import { createHash } from 'node:crypto';
import type { Edu } from '../../protocol/events/edu.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { type DestinationRow, OutgoingEduKind, type OutgoingEduRow } from '../../storage/contract/outbox.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EphemeralEdu, EphemeralEdus } from './ephemeral-edus.ts';

/** How much goes into a transaction at most. */
export interface BatchSize {
  readonly pdus: number;
  readonly edus: number;
}

/** Source: https://spec.matrix.org/v1.19/server-server-api/#transactions */
export const FULL_SIZE: BatchSize = { pdus: 50, edus: 100 };

/** What stands in a transaction. */
export interface Batch {
  readonly events: readonly { readonly position: number; readonly pdu: JsonObject }[];
  readonly rows: readonly OutgoingEduRow[];
  /** What the rows say; those that have become void say nothing. */
  readonly durable: readonly Edu[];
  readonly ephemeral: readonly EphemeralEdu[];
  /** When the server has the events, it has everything up to this position. */
  readonly sentUpTo: number;
  /** Whether storage has more for the server. */
  readonly isMoreDue: boolean;
}

/** Knows the devices and keys of local users. */
export interface KeyUpdates {
  /** What to tell other servers for rows of the kinds `deviceList` and `signingKeys`, each by itself. */
  edusOf(rows: readonly OutgoingEduRow[]): Promise<readonly (Edu | undefined)[]>;
}

export interface BatchSources {
  readonly storage: Storage;
  readonly keyUpdates: KeyUpdates;
  readonly limits: {
    /** Bytes of events and messages in a transaction, about. */
    readonly transactionSize: number;
    /** Events of a room that a server gets which was away for long. */
    readonly catchUpEvents: number;
  };
}

/** Whether there is nothing in it to send. */
export function isEmpty({ events, durable, ephemeral }: Batch): boolean {
  return events.length === 0 && durable.length === 0 && ephemeral.length === 0;
}

/**
 * Gathers what is next for a server: the oldest events that it has not got, and EDUs.
 *
 * @param isStoredDue false if storage has nothing for it.
 */
export async function gatherBatch(
  sources: BatchSources,
  row: DestinationRow,
  ephemeral: EphemeralEdus,
  size: BatchSize,
  isStoredDue: boolean,
): Promise<Batch> {
  // What is told of events (a receipt, say) goes with them or later, for servers do not keep what they cannot place.
  const { newest } = ephemeral;
  const { head } = sources.storage;
  const events = await dueEvents(sources, row, isStoredDue ? size.pdus : 0);
  const areMoreEvents = isStoredDue && size.pdus > 0 && events.sentUpTo < head;
  const due = isStoredDue && size.edus > 0 ? await dueRows(sources, row.server, size.edus) : NO_ROWS;
  const durable = await edusOf(sources.keyUpdates, due.rows);
  const free = areMoreEvents ? 0 : size.edus - durable.length;
  return {
    ...events,
    rows: due.rows,
    durable,
    ephemeral: ephemeral.take(free, newest),
    isMoreDue: areMoreEvents || due.areMore,
  };
}

async function dueEvents(
  { storage, limits }: BatchSources,
  row: DestinationRow,
  limit: number,
): Promise<Pick<Batch, 'events' | 'sentUpTo'>> {
  const isCatchingUp = row.catch_up_to > row.sent_up_to;
  const upTo = isCatchingUp ? row.catch_up_to : storage.head;
  const wanted = { server: row.server, after: row.sent_up_to, upTo, limit };
  const found =
    limit === 0
      ? []
      : await storage.readHeavy((tx) =>
          isCatchingUp
            ? tx.outbox.newestDueEvents({ ...wanted, perRoom: limits.catchUpEvents })
            : tx.outbox.dueEvents(wanted),
        );
  if (found.length === 0) return { events: [], sentUpTo: limit === 0 ? row.sent_up_to : upTo };
  const nids = found.map((due) => due.event_nid);
  const texts = new Map(
    (await storage.read((tx) => tx.events.byNids(nids))).map((event) => [event.event_nid, event.json]),
  );
  const events: Batch['events'][number][] = [];
  let bytes = 0;
  for (const { position, event_nid } of found) {
    const text = texts.get(event_nid) ?? '';
    bytes += text.length;
    if (events.length > 0 && bytes > limits.transactionSize) {
      return { events, sentUpTo: events.at(-1)!.position };
    }
    if (text !== '') events.push({ position, pdu: JSON.parse(text) as JsonObject });
  }
  return { events, sentUpTo: found.length < limit ? upTo : found.at(-1)!.position };
}

interface DueRows {
  readonly rows: readonly OutgoingEduRow[];
  /** Whether others would have made the transaction too large. */
  readonly areMore: boolean;
}

const NO_ROWS: DueRows = { rows: [], areMore: false };

async function dueRows({ storage, limits }: BatchSources, server: string, limit: number): Promise<DueRows> {
  const rows = await storage.read((tx) => tx.outbox.edus(server, limit));
  let bytes = 0;
  const fitting = rows.filter((row) => {
    bytes += row.json?.length ?? 0;
    return bytes <= limits.transactionSize;
  });
  const taken = fitting.length > 0 ? fitting : rows.slice(0, 1);
  return { rows: taken, areMore: taken.length < rows.length };
}

async function edusOf(keyUpdates: KeyUpdates, rows: readonly OutgoingEduRow[]): Promise<Edu[]> {
  const ofKeys = rows.filter(({ kind }) => kind !== OutgoingEduKind.toDevice);
  const found = ofKeys.length === 0 ? [] : await keyUpdates.edusOf(ofKeys);
  const updates = new Map(ofKeys.map((row, i) => [row, found[i]]));
  return rows
    .map((row): Edu | undefined =>
      row.kind === OutgoingEduKind.toDevice
        ? { edu_type: 'm.direct_to_device', content: JSON.parse(row.json ?? '{}') as JsonObject }
        : updates.get(row),
    )
    .filter((edu) => edu !== undefined);
}

/**
 * The id of a transaction: the same for the same events and messages, so that a server which has had them takes it for
 * what it is, even if this one was killed in between. What is in memory only may well say the same again and mean it
 * anew, so the time belongs to it.
 */
export function transactionId(batch: Batch, now: number): string {
  const hash = createHash('sha256');
  for (const { position } of batch.events) hash.update(`p${position};`);
  for (const { position, device_id } of batch.rows) hash.update(`e${position},${device_id};`);
  if (batch.ephemeral.length > 0) hash.update(`at${now};${JSON.stringify(batch.ephemeral)}`);
  return hash.digest('base64url').slice(0, 32);
}

/** The body of `PUT /send/{txnId}`. */
export function transactionContent(batch: Batch, origin: string, now: number): JsonObject {
  return {
    origin,
    origin_server_ts: now,
    pdus: batch.events.map(({ pdu }) => pdu),
    edus: [...batch.durable, ...batch.ephemeral.map(({ edu }) => edu)],
  };
}
