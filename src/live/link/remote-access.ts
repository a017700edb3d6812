/**
 * What the gateway asks, in a process of its own: what is for anybody it knows by itself, and about people it asks the
 * server. While the server is away viewers go on, and whoever wants something done is told to try again.
 */
import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { Random } from '../../util/random.ts';
import {
  type Account,
  type Credential,
  type GatewayAccess,
  NOBODY,
  type Operation,
  type Reply,
  type You,
} from '../api/gateway/access.ts';
import type { People } from '../api/gateway/people.ts';
import type { OpenChannel } from '../hub/channels.ts';
import { CLOSE } from '../hub/sockets/close-codes.ts';
import { isReaction, readReaction } from '../rules/reactions.ts';
import { hashOf, newSecret } from '../services/bound-secrets.ts';
import { LinkError } from './link.ts';
import type { AccountJson, SecretJson, StandJson } from './messages.ts';
import type { RemoteChannel, RemoteChannels } from './remote-channels.ts';
import type { ServerLink } from './server-link.ts';

export interface RemoteAccessParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly link: ServerLink;
  readonly channels: RemoteChannels;
  readonly people: Pick<People, 'shut'>;
}

/** Milliseconds after which whoever wanted something done while the server was away tries again. */
const RETRY_MS = 2000;
const AWAY: Reply = {
  ...{ ok: false, code: 'unavailable', message: 'The server is away for a moment; try again', retryMs: RETRY_MS },
};
/** Where somebody stands while nobody can say. */
const UNKNOWN: You = { ...NOBODY, why: 'unavailable', retry_ms: RETRY_MS };
/** For so many milliseconds and people the server's word is good that came with an answer to something else. */
const [FRESH_MS, FRESH_STANDS] = [1000, 10_000];
/** Sessions that are asked about at a time. */
const PAGE = 200;

export class RemoteAccess implements GatewayAccess {
  readonly #parts: RemoteAccessParts;
  /** Of those who are connected, by their hashes. */
  readonly #secrets = new Map<string, SecretJson>();
  /** Those of whom the server has said that they may watch a channel that is not for anybody, until it says other. */
  readonly #allowed = new Lru<string, string>({ max: FRESH_STANDS });
  readonly #stands = new Lru<string, StandJson & { readonly at: number }>({ max: FRESH_STANDS });

  constructor(parts: RemoteAccessParts) {
    this.#parts = parts;
  }

  /** Asks where the account stands in the channels in the same breath. @throws LinkError */
  async redeem(
    credential: Credential,
    origin: string | undefined,
    channels: readonly string[],
  ): Promise<Account | undefined> {
    const { link, clock } = this.#parts;
    const { account, stands = [] } = await link.ask('redeem', { ...credential, origin, channels });
    if (!account) return undefined;
    for (const [ch, stand] of stands) this.#stands.set(`${ch} ${account.user}`, { ...stand, at: clock.now() });
    return { userId: account.user, deviceId: account.device };
  }

  secretFor({ userId: user, deviceId: device }: Account, origin: string | undefined): string {
    const secret = newSecret(this.#parts.random);
    const told = { hash: hashOf(secret), user, device, origin };
    this.#secrets.set(told.hash, told);
    this.#parts.link.tell('secret', told);
    return secret;
  }

  cut(secret: string): void {
    const hash = hashOf(secret);
    this.#secrets.delete(hash);
    this.#parts.link.tell('cut', { hash });
  }

  async overlay(key: string): Promise<string | undefined> {
    return (await this.#parts.link.ask('overlay', { key })).ch;
  }

  async channel(id: string, account: Account | undefined, hasKey = false): Promise<OpenChannel | undefined> {
    const channel = await this.watched(id, account, hasKey);
    return channel?.open;
  }

  /** The channel, if the viewer may watch it. @throws LinkError */
  async watched(id: string, account: Account | undefined, hasKey = false): Promise<RemoteChannel | undefined> {
    const channel = await this.#parts.channels.of(id);
    if (!channel || channel.isPublic || hasKey) return channel;
    if (!account) return undefined;
    const stand = await this.#stand(id, account);
    // The next question is where they stand.
    this.#stands.set(`${id} ${account.userId}`, { ...stand, at: this.#parts.clock.now() });
    if (!stand.mayWatch) return undefined;
    this.#allowed.set(`${id} ${account.userId}`, id);
    return channel;
  }

  mayStay(id: string, account: Account | undefined, hasKey: boolean): boolean {
    if (hasKey || this.#parts.channels.isPublic(id)) return true;
    return account !== undefined && this.#allowed.has(`${id} ${account.userId}`);
  }

  async you({ id }: OpenChannel, account: Account | undefined): Promise<You> {
    if (!account) return NOBODY;
    try {
      return (await this.#stand(id, account)).you;
    } catch (error) {
      if (error instanceof LinkError) return UNKNOWN;
      throw error;
    }
  }

  async perform(op: Operation, channel: OpenChannel, account: Account | undefined, json: JsonObject): Promise<Reply> {
    const { link, channels } = this.#parts;
    try {
      if (op === 'react' && json['event'] === undefined) return this.#react(await channels.of(channel.id), json);
      const asked = account && accountJson(account);
      return (await link.ask('perform', { op, ch: channel.id, account: asked, json })).reply;
    } catch (error) {
      if (error instanceof LinkError) return AWAY;
      throw error;
    }
  }

  /** What was known of people may not hold any more. */
  forget(): void {
    this.#stands.clear();
  }

  /** Only some may watch a channel by now. */
  shutOut(channelId: string): void {
    this.forget();
    for (const [key, id] of [...this.#allowed.entries()]) if (id === channelId) this.#allowed.delete(key);
  }

  /** After a time without a link: ends the sessions of those who have been logged out meanwhile. */
  async resume(): Promise<void> {
    const { link, people } = this.#parts;
    const secrets = [...this.#secrets.values()];
    for (let at = 0; at < secrets.length; at += PAGE) {
      const page = secrets.slice(at, at + PAGE);
      for (const index of (await link.ask('resume', { secrets: page })).over) {
        const { user, device } = page[index] ?? {};
        if (user !== undefined) people.shut(user, CLOSE.badTicket, device);
      }
    }
  }

  /** Counted here and told by sums. */
  #react(channel: RemoteChannel | undefined, json: JsonObject): Reply {
    const reaction = readReaction(channel?.settings, json);
    if (!isReaction(reaction)) return reaction;
    channel?.open.feed.react(reaction.key, reaction.count);
    return { ok: true, fields: {} };
  }

  async #stand(ch: string, { userId: user }: Account): Promise<StandJson> {
    const key = `${ch} ${user}`;
    const told = this.#stands.get(key);
    this.#stands.delete(key);
    const age = told === undefined ? FRESH_MS : this.#parts.clock.now() - told.at;
    if (told && age >= 0 && age < FRESH_MS) return told;
    return this.#parts.link.ask('stand', { ch, user });
  }
}

function accountJson({ userId: user, deviceId: device }: Account): AccountJson {
  return { user, device };
}
