/** What the marker of a live room says (`online.beamify.live`), read leniently: the state of a room may hold anything. */
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject, withKey } from '../../protocol/json.ts';

export const LIVE_EVENT = 'online.beamify.live';

const STATUSES = ['offline', 'scheduled', 'live', 'ended'] as const;
export type LiveStatus = (typeof STATUSES)[number];

/** Who may watch. `signed_in` is no secrecy: the room itself can be read by the world. */
const VIEWERS = ['anyone', 'signed_in', 'members'] as const;
export type ViewersMode = (typeof VIEWERS)[number];

export interface ChannelState {
  readonly status: LiveStatus;
  readonly session:
    | { readonly id: string; readonly startedAt: number | undefined; readonly endedAt: number | undefined }
    | undefined;
  readonly title: string | undefined;
  readonly viewers: ViewersMode;
  /** Web origins whose pages may show the chat with somebody signed in. */
  readonly embedOrigins: readonly string[];
}

/** Where the marker keeps how the room was before only members might watch. */
export const BEFORE_MEMBERS = 'before_members';

/** The marker of a room that is made for members, and is to be as others are when it is opened to all. */
export function markerOfClosed(marker: JsonObject): JsonObject {
  return withKey(withKey(marker, 'viewers', 'members'), BEFORE_MEMBERS, { join_rule: 'public', listed: true });
}

export function parseChannelState(content: JsonObject | undefined): ChannelState {
  const status = STATUSES.find((known) => known === content?.['status']) ?? 'offline';
  const viewers = VIEWERS.find((known) => known === content?.['viewers']);
  const embed = content?.['embed'];
  const origins = isJsonObject(embed) && Array.isArray(embed['origins']) ? embed['origins'] : [];
  return {
    status,
    session: sessionIn(content),
    title: stringIn(content, 'title'),
    // A mode that nobody knows must not open a room to more than its creator meant.
    viewers: viewers ?? (content?.['viewers'] === undefined ? 'anyone' : 'members'),
    embedOrigins: origins.filter((origin) => typeof origin === 'string').slice(0, 50),
  };
}

function sessionIn(content: JsonObject | undefined): ChannelState['session'] {
  const session = content?.['session'];
  if (!isJsonObject(session)) return undefined;
  const id = stringIn(session, 'id');
  return id === undefined
    ? undefined
    : { id, startedAt: timeIn(session, 'started_at'), endedAt: timeIn(session, 'ended_at') };
}

function timeIn(session: JsonObject, key: string): number | undefined {
  const time = session[key];
  return typeof time === 'number' ? time : undefined;
}

/** Whether people may chat: the chat goes on before and after the stream, until the channel is closed. */
export function isChatOpen(state: ChannelState): boolean {
  return state.status !== 'ended';
}
