/** What the gateway asks of the services: who somebody is, which channels there are, what may be done there. */
import type { JsonObject } from '../../../protocol/json.ts';
import type { OpenChannel } from '../../hub/channels.ts';

/** Somebody with an account. */
export interface Account {
  readonly userId: string;
  readonly deviceId: string;
}

/** Where somebody stands in a channel, for the frame `joined`. */
export interface You {
  readonly role: string;
  readonly badges: readonly (readonly [id: string, version: string])[];
  readonly can: boolean;
  readonly why?: string;
  readonly retry_ms?: number;
  /** A warning that has to be accepted. */
  readonly warning?: string;
}

/** Who watches without an account. */
export const NOBODY: You = { role: 'viewer', badges: [], can: false, why: 'signed_out' };

export type Reply =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly retryMs?: number };

/** What viewers do in a channel: send, react, vote, moderate, accept a warning. */
export type Operation = 'send' | 'react' | 'vote' | 'mod' | 'ack';

/** How somebody shows who they are: by a ticket, or by the secret of a connection that was cut. */
export interface Credential {
  readonly kind: 'ticket' | 'resume';
  readonly text: string;
}

export interface GatewayAccess {
  /**
   * Whose credential it is; undefined for one that is unknown, used or too old, or bound to another origin, and for
   * origins whose pages may sign nobody in. `channels`: those that the viewer asks for.
   */
  redeem(credential: Credential, origin: string | undefined, channels: readonly string[]): Promise<Account | undefined>;
  /** A secret by which the account comes back after a cut. */
  secretFor(account: Account, origin: string | undefined): string;
  /** The connection of a secret is gone. */
  cut(secret: string): void;
  /** The channel whose overlay key it is. */
  overlay(key: string): Promise<string | undefined>;
  /** The channel, if it is there and the viewer may watch it, or shows a key of it. */
  channel(id: string, account: Account | undefined, hasKey?: boolean): Promise<OpenChannel | undefined>;
  /** Whether that is still so, by what has changed since. */
  mayStay(id: string, account: Account | undefined, hasKey: boolean): boolean;
  you(channel: OpenChannel, account: Account | undefined): Promise<You>;
  perform(op: Operation, channel: OpenChannel, account: Account | undefined, json: JsonObject): Promise<Reply>;
}
