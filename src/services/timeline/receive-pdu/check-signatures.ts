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
    for (const [i, pdu] of received.entries()) {
      if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
      checked.push(checkFormat(pdu, rules, roomId));
    }
    const distinct = distinctEvents(checked);
    const keys = await this.keys.lookup(distinct.flatMap((event) => wantedKeys(event, rules)));
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

/** Those whose form is right, each once: in the state of a room and its auth chain, many stand twice. */
function distinctEvents(checked: readonly Checked[]): SignedEvent[] {
  const events = new Map<string, SignedEvent>();
  for (const one of checked) if (one.ok) events.set(one.event.json, one.event);
  return [...events.values()];
}

function wantedKeys({ pdu }: SignedEvent, rules: RoomVersionRules): WantedKey[] {
  const wanted: WantedKey[] = [];
  for (const server of requiredSigners(pdu, rules) ?? []) {
    for (const keyId of signaturesOf(pdu, server).keys()) {
      wanted.push({ server, keyId, validAt: pdu.origin_server_ts });
    }
  }
  return wanted;
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
