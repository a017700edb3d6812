/** What viewers may watch and do: the services' side of the gateway. */
import { MatrixError } from '../../protocol/errors.ts';
import { historyVisibilityIn, stringIn } from '../../protocol/events/content-readers.ts';
import { isEventId } from '../../protocol/identifiers/event-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Admission } from '../../services/admission/admission.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { SendOnce } from '../../services/timeline/send-once.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { Account, GatewayAccess, Reply, You } from '../api/gateway/access.ts';
import type { OpenChannel } from '../hub/channels.ts';
import { badgesOf } from '../rules/badges.ts';
import { LIVE_EVENT, parseChannelState } from '../rules/channel-state.ts';
import { parseSettings, SETTINGS_EVENT } from '../rules/settings.ts';
import { isModerator, type Standing } from '../rules/standing.ts';
import type { ChatGate } from './chat-gate.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { CODE_KEY } from './refusal-errors.ts';
import type { Standings } from './standings.ts';
import type { Tickets } from './tickets.ts';

export interface ViewerAccessParts {
  readonly tickets: Tickets;
  readonly liveRooms: LiveRooms;
  readonly liveChannels: LiveChannels;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly standings: Standings;
  readonly gate: ChatGate;
  readonly admission: Admission;
  readonly membership: Pick<Membership, 'join'>;
  readonly once: SendOnce;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly roleBadges: ReadonlyMap<string, string>;
}

const MAX_TXN = 64;
/** Reactions that one frame may stand for. */
const MAX_REACTIONS = 10;

export class ViewerAccess implements GatewayAccess {
  readonly #parts: ViewerAccessParts;

  constructor(parts: ViewerAccessParts) {
    this.#parts = parts;
  }

  async redeem(ticket: string, origin: string | undefined): Promise<Account | undefined> {
    return this.#parts.tickets.redeem(ticket, origin);
  }

  async channel(id: string, account: Account | undefined): Promise<OpenChannel | undefined> {
    const live = this.#parts.liveRooms.byChannel(id);
    const room = live && (await this.#parts.rooms.get(live.roomId));
    if (!room || !mayWatch(room, account)) return undefined;
    return this.#parts.liveChannels.open(live);
  }

  async you(channel: OpenChannel, account: Account | undefined): Promise<You> {
    const found = account && (await this.#find(channel));
    if (!found) return { role: 'viewer', badges: [], can: false, why: 'signed_out' };
    const { standings, gate, roleBadges } = this.#parts;
    const standing = await standings.of(found.room, found.live, account.userId);
    const refusal = await gate.preview(found.live, found.room, account.userId);
    const you = { role: roleOf(standing), badges: badgesOf(standing, roleBadges), can: refusal === undefined };
    if (refusal === undefined) return you;
    const { code: why, retryMs } = refusal;
    return retryMs === undefined ? { ...you, why } : { ...you, why, retry_ms: retryMs };
  }

  async perform(
    op: 'send' | 'react' | 'vote',
    channel: OpenChannel,
    account: Account | undefined,
    json: JsonObject,
  ): Promise<Reply> {
    const found = await this.#find(channel);
    if (!found) return refused('not_found', 'The channel is gone');
    if (op === 'react') return react(channel, found.room, json);
    if (op === 'vote') return refused('no_poll', 'There is no such poll');
    if (!account) return refused('signed_out', 'Sign in to chat');
    try {
      return await this.#send(found.live, found.room, account, json);
    } catch (error) {
      if (error instanceof MatrixError) return replyOf(error);
      throw error;
    }
  }

  /** Sends a message. Whoever is not in the room joins it, once the message has been let in. */
  async #send({ roomId }: LiveRoom, room: Room, { userId, deviceId }: Account, json: JsonObject): Promise<Reply> {
    const { admission, once, timeline, membership, liveChannels } = this.#parts;
    const body = stringIn(json, 'body');
    const txnId = stringIn(json, 'txn');
    if (body === undefined || txnId === undefined || txnId === '' || txnId.length > MAX_TXN) {
      return refused('bad_request', 'A message has a body and a transaction id');
    }
    const content = contentOf(body, json);
    const type = 'm.room.message';
    const attempt = { userId, deviceId, operation: 'sendMessage', params: [roomId, type], txnId };
    const id = await once.run(attempt, async (transaction) => {
      const admitted = await admission.admit({ entrance: 'client', roomId, type, sender: userId, content });
      if (!room.isJoined(userId)) await membership.join({ userId, isGuest: false }, roomId, {});
      const draft = { type, sender: userId, content: admitted };
      return timeline.send(roomId, draft, { transaction, isAdmitted: true });
    });
    const outcome = await liveChannels.outcomeOf(id);
    if (outcome?.outcome === 'numbered') return { ok: true, fields: { id, s: outcome.seq } };
    return { ok: true, fields: outcome?.outcome === 'skipped' ? { id, sel: false } : { id } };
  }

  async #find({ id }: OpenChannel): Promise<{ live: LiveRoom; room: Room } | undefined> {
    const live = this.#parts.liveRooms.byChannel(id);
    const room = live && (await this.#parts.rooms.get(live.roomId));
    return room && { live, room };
  }
}

/** What the world may not read is for members, whatever the marker of the room says. */
function mayWatch(room: Room, account: Account | undefined): boolean {
  const isMember = account !== undefined && room.isJoined(account.userId);
  const visibility = historyVisibilityIn(room.get('m.room.history_visibility', '')?.content);
  if (visibility !== 'world_readable') return isMember;
  const { viewers } = parseChannelState(room.get(LIVE_EVENT, '')?.content);
  if (viewers === 'members') return isMember;
  return viewers === 'anyone' || account !== undefined;
}

function contentOf(body: string, json: JsonObject): JsonObject {
  const content: JsonObject = { msgtype: json['me'] === true ? 'm.emote' : 'm.text', body };
  const reply = stringIn(json, 'reply');
  if (reply !== undefined && isEventId(reply)) content['m.relates_to'] = { 'm.in_reply_to': { event_id: reply } };
  return content;
}

function react({ feed }: OpenChannel, room: Room, { k, c = 1 }: JsonObject): Reply {
  const { reactions } = parseSettings(room.get(SETTINGS_EVENT, '')?.content);
  if (!reactions.enabled || typeof k !== 'string' || !reactions.keys.includes(k)) {
    return refused('bad_reaction', 'This reaction is not offered here');
  }
  if (typeof c !== 'number' || !Number.isInteger(c) || c < 1 || c > MAX_REACTIONS) {
    return refused('bad_request', `One to ${MAX_REACTIONS} reactions at a time`);
  }
  feed.react(k, c);
  return { ok: true, fields: {} };
}

function roleOf(standing: Standing): string {
  if (standing.isStreamer) return 'streamer';
  if (isModerator(standing)) return 'moderator';
  if (standing.roles.includes('vip')) return 'vip';
  return standing.tier > 0 ? 'subscriber' : 'viewer';
}

function refused(code: string, message: string): Reply {
  return { ok: false, code, message };
}

function replyOf(error: MatrixError): Reply {
  const code = stringIn(error.extra, CODE_KEY) ?? error.errcode;
  const retry = error.extra?.['retry_ms'];
  const reply = { ok: false as const, code, message: error.message };
  return typeof retry === 'number' ? { ...reply, retryMs: retry } : reply;
}
