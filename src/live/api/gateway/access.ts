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
}

export type Reply =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly retryMs?: number };

export interface GatewayAccess {
  /** Whose ticket it is; undefined for one that is unknown, used or too old, or bound to another origin. */
  redeem(ticket: string, origin: string | undefined): Promise<Account | undefined>;
  /** The channel, if it is there and the viewer may watch it. */
  channel(id: string, account: Account | undefined): Promise<OpenChannel | undefined>;
  you(channel: OpenChannel, account: Account | undefined): Promise<You>;
  /** Sends, reacts or votes. */
  perform(
    op: 'send' | 'react' | 'vote',
    channel: OpenChannel,
    account: Account | undefined,
    json: JsonObject,
  ): Promise<Reply>;
}
