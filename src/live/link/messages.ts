/**
 * What the server and the gateways in processes of their own say to each other: JSON texts on a WebSocket that a gateway
 * opens. Both ends are this program, and have shown each other the version of what follows.
 */
import type { JsonObject } from '../../protocol/json.ts';
import type { Operation, Reply, You } from '../api/gateway/access.ts';
import type { CloseCode } from '../hub/sockets/close-codes.ts';

export const LINK_VERSION = '1';
export const LINK_PATH = '/_igchat/live/link';
export const VERSION_HEADER = 'x-igchat-link';

export interface AccountJson {
  readonly user: string;
  readonly device: string;
}

/** How a channel stands for a gateway that begins to serve it. */
export interface WatchedJson {
  readonly room: string;
  /** Whether anybody may watch. */
  readonly isPublic: boolean;
  /** Members of a JSON object for snapshots. */
  readonly facts: string;
  readonly viewersElsewhere: number;
  /** Entries of the moderators' lane, with the number of the first. */
  readonly lane: { readonly last: number; readonly entries: readonly (readonly [seq: number, entry: string])[] };
}

/** Where a user stands in a channel. */
export interface StandJson {
  readonly mayWatch: boolean;
  readonly you: You;
}

/** The hash of a resume secret, and whose it is. */
export interface SecretJson extends AccountJson {
  readonly hash: string;
  readonly origin: string | undefined;
}

/** What gateways ask, and what they are answered. */
export interface Questions {
  /** Begins to be told of a channel. */
  watch: { ask: { ch: string }; answer: { channel?: WatchedJson | undefined } };
  redeem: {
    ask: { kind: 'ticket' | 'resume'; text: string; origin: string | undefined; channels: readonly string[] };
    answer: { account?: AccountJson | undefined; stands?: readonly (readonly [ch: string, stand: StandJson])[] };
  };
  stand: { ask: { ch: string; user: string }; answer: StandJson };
  overlay: { ask: { key: string }; answer: { ch?: string | undefined } };
  perform: {
    ask: { op: Operation; ch: string; account: AccountJson | undefined; json: JsonObject };
    answer: { reply: Reply };
  };
  /** After a time without a link: sessions that have lasted. Answers the indices of those that are over. */
  resume: { ask: { secrets: readonly SecretJson[] }; answer: { over: readonly number[] } };
}

/** What is counted, where only how it stands matters. */
export interface SumsJson {
  readonly ch: string;
  /** Viewers: of the gateway that says so, or of all other processes where the server does. */
  readonly viewers?: number | undefined;
  readonly reactions?: readonly (readonly [key: string, count: number])[] | undefined;
  readonly tallies?: readonly (readonly [poll: string, counts: readonly number[] | null])[] | undefined;
}

/** What gateways tell. */
export interface GatewayNews {
  secret: SecretJson;
  cut: { hash: string };
  /** Nobody watches the channel here any more. */
  leave: { ch: string };
  sums: SumsJson;
}

/** What the server tells. */
export interface ServerNews {
  tell: { user: string; text: string; ch: string | undefined };
  shut: { user: string; code: CloseCode; device: string | undefined };
  shutOverlays: { ch: string; code: CloseCode };
  /** Only some may watch by now. */
  shutOut: { ch: string };
  recheck: { user: string; ch: string };
  recheckAll: { ch: string; isPublic: boolean };
  tellAll: { text: string };
  resubscribe: { ch: string };
  lane: { ch: string; seq: number; entry: string };
  facts: { ch: string; facts: string };
  sums: SumsJson;
}
