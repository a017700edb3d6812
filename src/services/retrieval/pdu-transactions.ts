import type { Clock } from '../../util/clock.ts';

/** Makes the transactions in which events are answered. */
export class PduTransactions {
  private readonly serverName: string;
  private readonly clock: Clock;

  constructor(serverName: string, clock: Clock) {
    this.serverName = serverName;
    this.clock = clock;
  }

  /** A transaction as JSON, of events as JSON. */
  of(pdus: readonly string[]): string {
    const origin = JSON.stringify(this.serverName);
    return `{"origin":${origin},"origin_server_ts":${this.clock.now()},"pdus":[${pdus.join(',')}]}`;
  }
}
