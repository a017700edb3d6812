import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WantedKey } from '../../../federation/key-ring/key-ring.ts';
import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import { redactEvent } from '../../../protocol/events/redact-event.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import { requiredSigners } from '../../../protocol/signing/required-signers.ts';
import { signaturesOf } from '../../../protocol/signing/sign-json.ts';
import {
  type EventVerdict,
  type KeyLookup,
  signatureChecks,
  verdictOn,
  verifyEvent,
} from '../../../protocol/signing/verify-event.ts';
import type { SignedEvent } from '../stored-event.ts';
import { type Checked, checkFormat } from './check-format.ts';
import { SignatureThreads } from './signature-threads.ts';

/** Where keys of other servers come from. */
export interface KeysOfServers {
  lookup(wanted: readonly WantedKey[]): Promise<KeyLookup>;
}

/** Events checked in a row: then others have their turn. */
const WITHOUT_PAUSE = 20;
/** Events that are asked in a row for the keys that they want. */
const KEYS_WITHOUT_PAUSE = 1_000;
/** Signatures of so many events are verified beside the event loop, as many at a time; those of fewer are sooner done here. */
const MANY = 10;
const BATCH = 50;

/** Checks 1 to 3, all that can be said of events by themselves: their form, their signatures, their hashes. */
export class EventChecks {
  private readonly keys: KeysOfServers;
  private readonly threads = new SignatureThreads();

  constructor(keys: KeysOfServers) {
    this.keys = keys;
  }

  /** What comes of each of the PDUs that are said to be of one room, in the same order. */
  async check(received: readonly JsonObject[], rules: RoomVersionRules, roomId: string): Promise<Checked[]> {
    const checked: Checked[] = [];
    // Each once: in the state of a room and its auth chain, many stand twice.
    const byText = new Map<string, SignedEvent>();
    for (const [i, pdu] of received.entries()) {
      if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
      const one = checkFormat(pdu, rules, roomId);
      if (one.ok) byText.set(one.event.json, one.event);
      checked.push(one);
    }
    const distinct = [...byText.values()];
    const keys = await this.keys.lookup(await wantedKeys(distinct, rules));
    const outcomes = new Map<string, Checked>();
    for (let at = 0; at < distinct.length; at += BATCH) {
      const batch = distinct.slice(at, at + BATCH);
      const verified = await Promise.all(batch.map((event) => this.verify(event, rules, keys, distinct.length < MANY)));
      for (const [i, { json }] of batch.entries()) outcomes.set(json, verified[i]!);
    }
    return checked.map((one) => (one.ok ? outcomes.get(one.event.json)! : one));
  }

  private async verify(
    event: SignedEvent,
    rules: RoomVersionRules,
    keys: KeyLookup,
    isHere: boolean,
  ): Promise<Checked> {
    if (isHere) return outcome(event, rules, verifyEvent(event.pdu, rules, keys));
    const checks = signatureChecks(event.pdu, rules, keys);
    if (!Array.isArray(checks)) return outcome(event, rules, checks);
    return outcome(event, rules, verdictOn(event.pdu, rules, checks, await this.threads.areRight(checks)));
  }
}

/** Every key once, with the latest time at which it has to be valid. */
async function wantedKeys(events: readonly SignedEvent[], rules: RoomVersionRules): Promise<WantedKey[]> {
  const wanted = new Map<string, WantedKey>();
  for (const [i, { pdu }] of events.entries()) {
    if (i % KEYS_WITHOUT_PAUSE === KEYS_WITHOUT_PAUSE - 1) await nextTurn();
    const validAt = pdu.origin_server_ts;
    for (const server of requiredSigners(pdu, rules) ?? []) {
      for (const keyId of signaturesOf(pdu, server).keys()) {
        const name = `${server} ${keyId}`;
        const before = wanted.get(name)?.validAt;
        if (before === undefined || before < validAt) wanted.set(name, { server, keyId, validAt });
      }
    }
  }
  return [...wanted.values()];
}

/** Checks 2 and 3: signatures; and the hash, without which only the redacted event may be used. */
function outcome(event: SignedEvent, rules: RoomVersionRules, verdict: EventVerdict): Checked {
  const { eventId, pdu } = event;
  if (!verdict.valid) {
    const who = verdict.reason === 'bad-identifier' ? '' : ` of ${verdict.server}`;
    return { ok: false, eventId, error: `The signature${who} does not hold: ${verdict.reason}` };
  }
  if (verdict.contentHashMatches) return { ok: true, event };
  const redacted = redactEvent(pdu, rules.redaction);
  const json = canonicalJson(redacted, { strict: rules.strictCanonicalJson });
  return { ok: true, event: { eventId, pdu: redacted, json } };
}
