/** A gateway in another process, as the server sees it: what it asks, what it counts, and what its viewers are told. */
import type { WebSocket } from 'ws';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { Crowd } from '../api/gateway/people.ts';
import type { OpenChannel } from '../hub/channels.ts';
import type { CloseCode } from '../hub/sockets/close-codes.ts';
import type { GatewayDesk } from './gateway-desk.ts';
import { Link, type LinkLimits } from './link.ts';
import type {
  AccountJson,
  GatewayNews,
  Questions,
  SecretJson,
  ServerNews,
  StandJson,
  SumsJson,
  WatchedJson,
} from './messages.ts';
import { Sums, type SumsLimits } from './sums.ts';

export interface LinkedGatewayParts {
  readonly ws: WebSocket;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  readonly sums: SumsLimits;
  readonly desk: GatewayDesk;
  /** The viewers of a channel that a gateway has are others now. */
  onCounted(channelId: string): void;
  onFault(error: unknown): void;
}

type ToGateway = Link<Record<never, never>, ServerNews, Questions, GatewayNews>;

interface Served {
  readonly open: OpenChannel;
  readonly sums: Sums;
  readonly leaveLane: () => void;
  readonly release: () => void;
  toldFacts: string;
}

export class LinkedGateway implements Crowd {
  readonly #parts: LinkedGatewayParts;
  readonly #link: ToGateway;
  readonly #served = new Map<string, Served>();
  readonly #viewers = new Map<string, number>();
  /** Hashes of the secrets whose connections are with it. */
  readonly #secrets = new Set<string>();
  /** Those who have shown who they are and may be given a secret: whoever is logged out meanwhile is not among them. */
  readonly #expected: Lru<string, AccountJson>;

  constructor(parts: LinkedGatewayParts) {
    this.#parts = parts;
    const { ws, clock, limits, desk, onFault } = parts;
    this.#expected = new Lru({ max: limits.waiting });
    const link: ToGateway = new Link<Record<never, never>, ServerNews, Questions, GatewayNews>({
      ...{ ws, clock, limits, onFault },
      serves: {
        answer: {
          watch: async ({ ch }) => ({ channel: await this.#watch(ch) }),
          redeem: (ask) => this.#redeem(ask),
          stand: async ({ ch, user }) => {
            const stand = await desk.stand(ch, user);
            if (!stand) throw new Error(`a gateway asks about ${ch}, which it does not watch`);
            return stand;
          },
          overlay: async ({ key }) => ({ ch: await desk.overlay(key) }),
          perform: async ({ op, ch, account, json }) => ({ reply: await desk.perform(op, ch, account, json) }),
          resume: async ({ secrets }) => ({ over: await this.#resume(secrets) }),
        },
        take: {
          secret: (secret) => this.#keep(secret),
          cut: ({ hash }) => this.#cut(hash),
          leave: ({ ch }) => this.#leave(ch),
          sums: (sums) => this.#count(sums),
        },
      },
    });
    this.#link = link;
    link.onEnd(() => {
      for (const hash of [...this.#secrets]) this.#cut(hash);
      for (const ch of [...this.#served.keys()]) this.#leave(ch);
    });
  }

  /** Is called once, when the gateway is gone and nothing of it is left. */
  onEnd(callback: (why: Error | undefined) => void): void {
    this.#link.onEnd(callback);
  }

  viewersOf(channelId: string): number {
    return this.#viewers.get(channelId) ?? 0;
  }

  tell(user: string, text: string, ch?: string): void {
    if (ch === undefined || this.#served.has(ch)) this.#link.tell('tell', { user, text, ch });
  }

  shut(user: string, code: CloseCode, device?: string): void {
    for (const [key, account] of [...this.#expected.entries()]) {
      if (account.user === user && (device === undefined || account.device === device)) this.#expected.delete(key);
    }
    this.#link.tell('shut', { user, code, device });
  }

  shutOverlays(ch: string, code: CloseCode): void {
    if (this.#served.has(ch)) this.#link.tell('shutOverlays', { ch, code });
  }

  /** Whoever is signed in is looked at one by one after that. */
  shutOut(ch: string, mayStay: (userId: string | undefined) => boolean): void {
    if (this.#served.has(ch) && !mayStay(undefined)) this.#link.tell('shutOut', { ch });
  }

  async recheck(user: string, ch: string): Promise<void> {
    if (this.#served.has(ch)) this.#link.tell('recheck', { user, ch });
  }

  async recheckAll(ch: string): Promise<void> {
    if (!this.#served.has(ch)) return;
    this.#link.tell('recheckAll', { ch, isPublic: await this.#parts.desk.isPublic(ch) });
  }

  tellAll(text: string): void {
    this.#link.tell('tellAll', { text });
  }

  async resubscribe(ch: string): Promise<void> {
    if (this.#served.has(ch)) this.#link.tell('resubscribe', { ch });
  }

  close(): void {
    this.#link.close();
  }

  async #watch(ch: string): Promise<WatchedJson | undefined> {
    const watched = await this.#parts.desk.watch(ch);
    if (!watched) return undefined;
    const { open, isPublic, release } = watched;
    if (!this.#link.isOpen) {
      release();
      return undefined;
    }
    this.#stop(ch);
    this.#parts.onCounted(ch);
    const { feed, lane, room } = open;
    const viewersElsewhere = feed.viewers.inAll - this.viewersOf(ch);
    const { clock, sums: limits } = this.#parts;
    const sums = new Sums(
      {
        ...{ clock, limits, feed, channelId: ch },
        viewers: () => feed.viewers.inAll - this.viewersOf(ch),
        tell: (json) => this.#link.tell('sums', json),
        factsChanged: () => this.#tellFacts(ch),
      },
      viewersElsewhere,
    );
    const leaveLane = lane.join(({ seq, entry }) => this.#link.tell('lane', { ch, seq, entry }));
    const { facts } = feed;
    this.#served.set(ch, { open, sums, leaveLane, release, toldFacts: facts });
    const entries = lane.kept.map(({ seq, entry }) => [seq, entry] as const);
    return { room, isPublic, facts, viewersElsewhere, lane: { last: lane.last, entries } };
  }

  async #redeem({ kind, text, origin, channels }: Questions['redeem']['ask']): Promise<Questions['redeem']['answer']> {
    const { desk } = this.#parts;
    const account = await desk.redeem({ kind, text }, origin, channels);
    if (!account) return {};
    const { userId: user, deviceId: device } = account;
    this.#expect({ user, device });
    const stands: [string, StandJson][] = [];
    for (const ch of channels) {
      const stand = this.#served.has(ch) ? await desk.stand(ch, user) : undefined;
      if (stand) stands.push([ch, stand]);
    }
    return { account: { user, device }, stands };
  }

  #tellFacts(ch: string): void {
    const served = this.#served.get(ch);
    const facts = served?.open.feed.facts;
    if (!served || facts === undefined || facts === served.toldFacts) return;
    served.toldFacts = facts;
    this.#link.tell('facts', { ch, facts });
  }

  #count(sums: SumsJson): void {
    const { ch, viewers } = sums;
    const served = this.#served.get(ch);
    if (!served) return;
    if (viewers !== undefined) {
      this.#viewers.set(ch, viewers);
      this.#parts.onCounted(ch);
    }
    served.sums.take({ ch, reactions: sums.reactions });
  }

  /** Takes back those who have lasted while there was no link. Answers the indices of those who are over. */
  async #resume(secrets: readonly SecretJson[]): Promise<number[]> {
    for (const secret of secrets) this.#expect(secret);
    const over = new Set(await this.#parts.desk.over(secrets));
    return secrets.flatMap((secret, index) => (!over.has(index) && this.#keep(secret) ? [] : [index]));
  }

  #expect({ user, device }: AccountJson): void {
    this.#expected.set(`${device} ${user}`, { user, device });
  }

  #keep(secret: SecretJson): boolean {
    if (!this.#expected.has(`${secret.device} ${secret.user}`)) return false;
    this.#secrets.add(secret.hash);
    this.#parts.desk.keep(secret);
    return true;
  }

  #cut(hash: string): void {
    this.#secrets.delete(hash);
    this.#parts.desk.cut(hash);
  }

  #stop(ch: string): void {
    const served = this.#served.get(ch);
    if (!served) return;
    this.#served.delete(ch);
    served.sums.stop();
    served.leaveLane();
    served.release();
  }

  #leave(ch: string): void {
    this.#stop(ch);
    if (this.#viewers.delete(ch)) this.#parts.onCounted(ch);
  }
}
