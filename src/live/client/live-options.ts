/** What a client is made with, and what it tells of itself. */
import type { Fields } from './live-events.ts';

/** What is used of a WebSocket; those of browsers, of Node 22 and of `ws` have it. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface LiveClientOptions {
  /** Address of the gateway, `wss://…`. */
  readonly gateway: string;
  /** Gets a ticket (`POST …/live/ticket`) of whoever is signed in; undefined for nobody. Asked when one is needed. */
  readonly ticket?: () => Promise<string | undefined>;
  /**
   * Gives the access token of whoever is signed in: tickets are got with it, and without a WebSocket things are done
   * with it. Goes into a header and never into an address.
   */
  readonly token?: () => Promise<string | undefined>;
  /** The key of an overlay, which shows one channel. */
  readonly overlayKey?: string;
  /** `lite`: no counts and reactions. */
  readonly profile?: 'full' | 'lite' | 'overlay';
  /** Whether to be told what only moderators are told, where one is one. */
  readonly moderator?: boolean;
  /** For where there is none, as in Node 20: that of `ws`. */
  readonly WebSocket?: new (
    url: string,
    protocols: string[],
  ) => SocketLike;
  /** In place of the `fetch` that is there. */
  readonly fetch?: typeof fetch;
}

export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed';

/** `events`: server-sent events. */
export type Transport = 'socket' | 'events' | 'poll';

export interface ClientEvents {
  state: LiveState;
  /** The connection ended; `code` as the gateway says, and whether this goes on by itself. */
  cut: { readonly code: number; readonly goesOn: boolean };
  /** Something for everybody. */
  system: Fields;
}
