/** What a live channel tells its viewers for sure: numbered, kept for recovery, and never left out silently. */

/**
 * Message, edit, deletion, clear of a user, clear of all, settings, pin, notice, poll start and end, raid, session,
 * room switch; `tb` stands for an entry whose text is gone.
 */
export type EntryKind = 'm' | 'ed' | 'd' | 'cu' | 'ca' | 'st' | 'pn' | 'nt' | 'ps' | 'pe' | 'rd' | 'ss' | 'sw' | 'tb';

/** Which earlier entries an entry takes the text of. */
export type Burial = { readonly eventId: string } | { readonly userId: string } | 'all';

export interface Entry {
  readonly kind: EntryKind;
  /** The event behind it; undefined for what is not in the room's graph. */
  readonly eventId?: string;
  /** Who wrote it. */
  readonly userId?: string;
  /** Where the event is in the server's log; undefined for what is not in it. */
  readonly position?: number;
  /** The JSON of the fields that clients get beside `s` and `k`: an object's text. */
  readonly fields: string;
  /** Not for overlays: bots, commands. */
  readonly noOverlay?: boolean;
  readonly buries?: Burial;
  /** Told before the tick is over: what moderators take out must be gone at once. */
  readonly isUrgent?: boolean;
}

export interface NumberedEntry extends Entry {
  readonly seq: number;
  /** Milliseconds since the epoch at which it was numbered. */
  readonly at: number;
}

/** Kinds of which nothing may show any more once their text has been taken. */
const WITH_TEXT: ReadonlySet<EntryKind> = new Set(['m', 'ed', 'nt']);

/** Whether it says something, rather than that something was done. */
export function hasText({ kind }: Entry): boolean {
  return WITH_TEXT.has(kind);
}

export function isBuriedBy(entry: NumberedEntry, burial: Burial): boolean {
  if (!WITH_TEXT.has(entry.kind)) return false;
  if (burial === 'all') return true;
  return 'eventId' in burial ? entry.eventId === burial.eventId : entry.userId === burial.userId;
}

/** What is left of an entry: its number, so that those around it stay without a gap. */
export function tombstone({ seq, at, position }: NumberedEntry): NumberedEntry {
  return { kind: 'tb', seq, at, fields: '{}', ...(position === undefined ? {} : { position }) };
}

/**
 * Entries as clients get them: members of a JSON array. A number is said where it is not the one after that of the entry
 * before; `previous` is that before the first, if clients know it.
 */
export function entriesText(entries: readonly NumberedEntry[], previous?: number): string {
  let last = previous;
  let text = '';
  for (const { seq, kind, fields } of entries) {
    const number = last === undefined || seq !== last + 1 ? `"s":${seq},` : '';
    const rest = fields === '{}' ? '}' : `,${fields.slice(1)}`;
    text += `${text === '' ? '' : ','}{${number}"k":"${kind}"${rest}`;
    last = seq;
  }
  return text;
}
