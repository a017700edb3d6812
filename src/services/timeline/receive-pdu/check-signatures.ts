import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WantedKey } from '../../../federation/key-ring/key-ring.ts';
import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import { redactEvent } from '../../../protocol/events/redact-event.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import { requiredSigners } from '../../../protocol/signing/required-signers.ts';
import { signaturesOf } from '../../../protocol/signing/sign-json.ts';
import { type KeyLookup, verifyEvent } from '../../../protocol/signing/verify-event.ts';
import type { SignedEvent } from '../stored-event.ts';
import { type Checked, checkFormat } from './check-format.ts';

/** Where keys of other servers come from. */
export interface KeysOfServers {
  lookup(wanted: readonly WantedKey[]): Promise<KeyLookup>;
}

/** Events checked in a row: then others have their turn. */
const WITHOUT_PAUSE = 20;

/** Checks 1 to 3, all that can be said of events by themselves: their form, their signatures, their hashes. */
export class EventChecks {
  private readonly keys: KeysOfServers;

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
    const wanted = checked.flatMap((one) => (one.ok ? wantedKeys(one.event, rules) : []));
    const keys = await this.keys.lookup(wanted);
    for (const [i, one] of checked.entries()) {
      if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
      if (one.ok) checked[i] = checkSignatures(one.event, rules, keys);
    }
    return checked;
  }
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
function checkSignatures(event: SignedEvent, rules: RoomVersionRules, keys: KeyLookup): Checked {
  const { eventId, pdu } = event;
  const verdict = verifyEvent(pdu, rules, keys);
  if (!verdict.valid) {
    const who = verdict.reason === 'bad-identifier' ? '' : ` of ${verdict.server}`;
    return { ok: false, eventId, error: `The signature${who} does not hold: ${verdict.reason}` };
  }
  if (verdict.contentHashMatches) return { ok: true, event };
  const redacted = redactEvent(pdu, rules.redaction);
  const json = canonicalJson(redacted, { strict: rules.strictCanonicalJson });
  return { ok: true, event: { eventId, pdu: redacted, json } };
}
