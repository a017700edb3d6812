/** What viewers may watch and do: the services' side of the gateway. */
import { MatrixError } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import {
  type Account,
  type Credential,
  type GatewayAccess,
  NOBODY,
  type Operation,
  type Reply,
  type You,
} from '../api/gateway/access.ts';
import type { OpenChannel } from '../hub/channels.ts';
import { badgesOf } from '../rules/badges.ts';
import { messageName } from '../rules/message-name.ts';
import { isReaction, readReaction } from '../rules/reactions.ts';
import { SETTINGS_EVENT } from '../rules/settings.ts';
import { isModerator, type Standing } from '../rules/standing.ts';
import type { ChatGate } from './chat-gate.ts';
import type { ChatSending } from './chat-sending.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { mayStay, mayWatch, mayWatchChannel } from './may-watch.ts';
import type { MessageReactions } from './message-reactions.ts';
import { CODE_KEY } from './refusal-errors.ts';
import type { ResumeSecrets } from './resume-secrets.ts';
import type { SignInOrigins } from './sign-in-origins.ts';
import type { Standings } from './standings.ts';
import type { Tickets } from './tickets.ts';

export interface ViewerAccessParts {
  readonly tickets: Tickets;
  readonly secrets: ResumeSecrets;
  readonly origins: SignInOrigins;
  /** Moderates: answers what the endpoint would. @throws MatrixError */
  readonly moderate: (account: Account, channelId: string, json: JsonObject) => Promise<object>;
  /** The channel whose overlay key it is. */
  readonly overlayChannel: (key: string) => Promise<string | undefined>;
  readonly liveRooms: LiveRooms;
  readonly liveChannels: LiveChannels;
  readonly rooms: Pick<RoomCache, 'get' | 'peek'>;
  readonly standings: Standings;
  readonly gate: ChatGate;
  readonly chat: Pick<ChatSending, 'send'>;
  /** The reason of a warning that a user has not accepted. */
  readonly warningOf: (live: LiveRoom, userId: string) => string | undefined;
  readonly roleBadges: ReadonlyMap<string, string>;
  readonly reactions: Pick<MessageReactions, 'add'>;
}

const MAX_TXN = 64;
export class ViewerAccess implements GatewayAccess {
  readonly #parts: ViewerAccessParts;

  constructor(parts: ViewerAccessParts) {
    this.#parts = parts;
  }

  async redeem(
    { kind, text }: Credential,
    origin: string | undefined,
    channels: readonly string[],
  ): Promise<Account | undefined> {
    const { tickets, secrets, origins } = this.#parts;
    if (!origins.allow(origin, channels)) return undefined;
    return kind === 'ticket' ? tickets.redeem(text, origin) : secrets.redeem(text, origin);
  }

  secretFor(account: Account, origin: string | undefined): string {
    return this.#parts.secrets.issue(account, origin);
  }

  cut(secret: string): void {
    this.#parts.secrets.cut(secret);
  }

  overlay(key: string): Promise<string | undefined> {
    return this.#parts.overlayChannel(key);
  }

  async channel(id: string, account: Account | undefined, hasKey = false): Promise<OpenChannel | undefined> {
    return (await this.watched(id, account, hasKey))?.open;
  }

  /** The same, and whether anybody may watch it. */
  async watched(
    id: string,
    account: Account | undefined,
    hasKey = false,
  ): Promise<{ open: OpenChannel; isPublic: boolean } | undefined> {
    const live = this.#parts.liveRooms.byChannel(id);
    const room = live && (await this.#parts.rooms.get(live.roomId));
    if (!room || !(hasKey || (await mayWatchChannel(this.#parts, live, room, account?.userId)))) return undefined;
    const open = await this.#parts.liveChannels.open(live);
    return open && { open, isPublic: mayWatch(room, undefined) };
  }

  mayStay(id: string, account: Account | undefined, hasKey: boolean): boolean {
    const live = this.#parts.liveRooms.byChannel(id);
    return live !== undefined && (hasKey || mayStay(this.#parts, live, account?.userId));
  }

  async you({ id }: OpenChannel, account: Account | undefined): Promise<You> {
    const live = account && this.#parts.liveRooms.byChannel(id);
    return live ? this.standing(live, account.userId) : NOBODY;
  }

  /** Where a user stands in a channel. */
  async standing(live: LiveRoom, userId: string): Promise<You> {
    const { standings, gate, roleBadges, rooms } = this.#parts;
    const room = await rooms.get(live.roomId);
    if (!room) return NOBODY;
    const standing = await standings.of(room, live, userId);
    const refusal = await gate.preview(live, room, userId);
    const you = { role: roleOf(standing), badges: badgesOf(standing, roleBadges), can: refusal === undefined };
    if (refusal === undefined) return you;
    const { code: why, retryMs } = refusal;
    const warning = why === 'warned' ? { warning: this.#parts.warningOf(live, userId) ?? '' } : {};
    return { ...you, why, ...warning, ...(retryMs === undefined ? {} : { retry_ms: retryMs }) };
  }

  async perform(op: Operation, channel: OpenChannel, account: Account | undefined, json: JsonObject): Promise<Reply> {
    const found = await this.#find(channel);
    if (!found) return refused('not_found', 'The channel is gone');
    if (op === 'react') return this.#react(channel, found.live, found.room, json);
    if (!account) return refused('signed_out', 'Sign in to chat');
    try {
      if (op === 'send') return await this.#send(found.live, account, json);
      const fields = await this.#parts.moderate(account, channel.id, actionOf(op, json));
      return { ok: true, fields: { ...fields } };
    } catch (error) {
      if (error instanceof MatrixError) return replyOf(error);
      throw error;
    }
  }

  async #send(live: LiveRoom, account: Account, json: JsonObject): Promise<Reply> {
    const body = stringIn(json, 'body');
    const txn = stringIn(json, 'txn');
    if (body === undefined || txn === undefined || txn === '' || txn.length > MAX_TXN) {
      return refused('bad_request', 'A message has a body and a transaction id');
    }
    const line = { txn, body, reply: stringIn(json, 'reply'), me: json['me'] === true };
    const { eventId, seq: s, isShown } = await this.#parts.chat.send(live, account, line);
    const fields = { id: messageName(eventId), event_id: eventId };
    if (s !== undefined) return { ok: true, fields: { ...fields, s } };
    return { ok: true, fields: isShown ? fields : { ...fields, sel: false } };
  }

  /** Reactions to the stream, or to a message of it. */
  #react({ feed }: OpenChannel, live: LiveRoom, room: Room, json: JsonObject): Reply {
    const reaction = readReaction(room.get(SETTINGS_EVENT, '')?.content, json);
    if (!isReaction(reaction)) return reaction;
    const { key, count, event } = reaction;
    if (event !== undefined) this.#parts.reactions.add(live, event, 1);
    else feed.react(key, count);
    return { ok: true, fields: {} };
  }

  async #find({ id }: OpenChannel): Promise<{ live: LiveRoom; room: Room } | undefined> {
    const live = this.#parts.liveRooms.byChannel(id);
    const room = live && (await this.#parts.rooms.get(live.roomId));
    return room && { live, room };
  }
}

/** What the frames `vote` and `ack` are short for. */
function actionOf(op: Operation, json: JsonObject): JsonObject {
  if (op === 'ack') return { do: 'ack' };
  const { poll = null, a } = json;
  return op === 'vote' ? { do: 'vote', poll, answer: Array.isArray(a) ? (a[0] ?? null) : null } : json;
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
