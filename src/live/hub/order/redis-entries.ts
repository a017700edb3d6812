/** Entries of a live room as Redis keeps them: what is needed to find them in the stream, their text beside it. */
import { type Burial, type Entry, type EntryKind, type NumberedEntry, tombstone } from '../entry.ts';

const NO_OVERLAY = 'o';
const URGENT = 'u';

/** The seven arguments of an entry. */
export function entryArguments(entry: Entry): string[] {
  const { kind, eventId = '', userId = '', position, fields, buries, noOverlay, isUrgent } = entry;
  const flags = `${noOverlay ? NO_OVERLAY : ''}${isUrgent ? URGENT : ''}`;
  return [kind, eventId, userId, position === undefined ? '' : String(position), flags, fields, burialText(buries)];
}

function burialText(burial: Burial | undefined): string {
  if (burial === undefined) return '';
  if (burial === 'all') return 'a';
  return 'eventId' in burial ? `e${burial.eventId}` : `u${burial.userId}`;
}

function burialOf(text: string | undefined): Burial | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'a') return 'all';
  return text.startsWith('e') ? { eventId: text.slice(1) } : { userId: text.slice(1) };
}

/** An entry of the stream: of the room, or the end of a batch without one. */
export interface StreamEntry {
  /** As `gen-number`. */
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads entries as `XRANGE` and `XREAD` answer with RESP 2. */
export function streamEntries(reply: unknown): StreamEntry[] {
  return (reply as readonly [string, readonly string[]][]).map(([id, flat]) => {
    const fields = new Map<string, string>();
    for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at]!, flat[at + 1]!);
    return { id, fields };
  });
}

/** The number of the entry; undefined for one that only ends a batch. */
export function seqOf({ fields }: StreamEntry): number | undefined {
  const seq = fields.get('s');
  return seq === undefined ? undefined : Number(seq);
}

/** The name of an entry's text. */
export function textName({ id, fields }: StreamEntry): string {
  return `${id.slice(0, id.indexOf('-'))}:${fields.get('s') ?? ''}`;
}

/** The entry with its text; a tombstone where that has been taken out. */
export function numberedEntry({ fields }: StreamEntry, text: string | null | undefined): NumberedEntry {
  const given = (name: string) => fields.get(name) || undefined;
  const [eventId, userId, position, buries] = [given('i'), given('u'), given('p'), burialOf(fields.get('x'))];
  const flags = fields.get('f') ?? '';
  const entry: NumberedEntry = {
    kind: (fields.get('k') ?? 'tb') as EntryKind,
    ...(eventId === undefined ? {} : { eventId }),
    ...(userId === undefined ? {} : { userId }),
    ...(position === undefined ? {} : { position: Number(position) }),
    fields: text ?? '{}',
    ...(flags.includes(NO_OVERLAY) ? { noOverlay: true } : {}),
    ...(buries === undefined ? {} : { buries }),
    ...(flags.includes(URGENT) ? { isUrgent: true } : {}),
    ...{ seq: Number(fields.get('s')), at: Number(fields.get('a')) },
  };
  return typeof text === 'string' ? entry : tombstone(entry);
}
