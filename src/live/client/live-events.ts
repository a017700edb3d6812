/** What a channel tells its viewers, as the frames of the gateway have it. Keys that are not named here may be there, too. */

/** Id and version. */
export type LiveBadge = readonly [id: string, version: string];

/** Positions count code points of the text. */
export interface LiveEmote {
  readonly id: string;
  readonly s: number;
  readonly e: number;
  readonly mxc: string;
}

export interface LiveMessage {
  /** Number in the channel. */
  readonly s: number;
  /** Names it in the channel: the beginning of its event id. */
  readonly id: string;
  /** Who wrote it, and the name shown. */
  readonly u: string;
  readonly n: string;
  /** Colour of the name. */
  readonly c?: string;
  readonly b?: readonly LiveBadge[];
  /** Milliseconds since the stream began. */
  readonly o?: number;
  readonly tx: string;
  readonly em?: readonly LiveEmote[];
  /** The message it answers. */
  readonly re?: string;
  /** `/me`. */
  readonly me?: boolean;
  /** The first message of its writer here. */
  readonly f?: boolean;
}

export interface LiveNotice extends LiveMessage {
  readonly nt: { readonly kind?: string; readonly color?: string };
}

/** Where somebody stands. `why` they may not chat, and for how long. */
export interface You {
  readonly role: string;
  readonly badges: readonly LiveBadge[];
  readonly can: boolean;
  readonly why?: string;
  readonly retry_ms?: number;
  /** What a moderator has to say, to be accepted with `acknowledge`. */
  readonly warning?: string;
}

export interface Counts {
  /** Viewers. */
  readonly v?: number;
  /** Reactions since the last. */
  readonly rx?: Readonly<Record<string, number>>;
  /** Votes by poll. */
  readonly pl?: Readonly<Record<string, readonly number[]>>;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Snapshot {
  /** The last messages; what is shown of before is not true any more. */
  readonly messages: readonly (LiveMessage | LiveNotice)[];
  readonly counts: Counts;
  /** Settings, shield, pin, session: `set`, `shield`, `pin`, `ses`. */
  readonly facts: Fields;
}

/** Events of a channel. */
export interface ChannelEvents {
  /** In the channel, at first or again; `isRecovered`: nothing was missed, or what was comes now. */
  joined: { readonly you: You; readonly room: string; readonly isRecovered: boolean };
  snapshot: Snapshot;
  message: LiveMessage;
  notice: LiveNotice;
  edit: { readonly id: string; readonly tx: string; readonly em?: readonly LiveEmote[] };
  delete: { readonly id: string };
  clearUser: { readonly u: string };
  clearAll: Fields;
  settings: Fields;
  pin: Fields;
  pollStart: Fields;
  pollEnd: Fields;
  raid: Fields;
  session: Fields;
  /** The channel goes on in another room; viewers need not do anything. */
  moved: Fields;
  counts: Counts;
  /** So many messages are in the room and were not shown live. */
  skipped: number;
  you: You;
  /** So many messages of yours wait for a connection, or for what became of them. */
  outbox: number;
  /** A message of yours waits for a moderator (`pending`), or waits no more (`allowed`, `denied`). */
  held: { readonly hid: string; readonly state: string };
  /** For moderators. */
  lane: Fields;
  /** There is no such channel, or it may not be watched. */
  refused: { readonly code: string; readonly message: string };
}

/** Events by the kind of an entry. */
export const KINDS: Readonly<Record<string, keyof ChannelEvents>> = {
  __proto__: null as never,
  m: 'message',
  nt: 'notice',
  ed: 'edit',
  d: 'delete',
  cu: 'clearUser',
  ca: 'clearAll',
  st: 'settings',
  pn: 'pin',
  ps: 'pollStart',
  pe: 'pollEnd',
  rd: 'raid',
  ss: 'session',
  sw: 'moved',
};
