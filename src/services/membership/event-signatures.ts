import type { KeyRing, WantedKey } from '../../federation/key-ring/key-ring.ts';
import { invalidParam } from '../../protocol/errors.ts';
import { type ExpectedMember, memberEventProblem } from '../../protocol/events/check-member-event.ts';
import type { Pdu } from '../../protocol/events/pdu.ts';
import { type ReceivedPdu, readPdu } from '../../protocol/events/read-pdu.ts';
import { isServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonValue } from '../../protocol/json.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { essentialText } from '../../protocol/signing/event-hash.ts';
import { requiredSigners } from '../../protocol/signing/required-signers.ts';
import { signaturesOf } from '../../protocol/signing/sign-json.ts';
import { verifyEvent } from '../../protocol/signing/verify-event.ts';

/** Checks events that other servers hand over one by one, outside of transactions. */
export class EventSignatures {
  private readonly keys: Pick<KeyRing, 'lookup'>;

  constructor(keys: Pick<KeyRing, 'lookup'>) {
    this.keys = keys;
  }

  /** An event of the right form, for what it is sent for; its signatures are not looked at. @throws M_INVALID_PARAM */
  read(event: JsonValue | undefined, rules: RoomVersionRules, expected: ExpectedMember): ReceivedPdu {
    const received = readPdu(event, rules);
    if (typeof received === 'string') throw invalidParam(received);
    const problem = memberEventProblem(received, expected);
    if (problem !== undefined) throw invalidParam(problem);
    return received;
  }

  /** What is wrong with signatures or hash of an event whose form is right; undefined if nothing is. */
  async problem(pdu: Pdu, rules: RoomVersionRules): Promise<string | undefined> {
    const verdict = verifyEvent(pdu, rules, await this.keys.lookup(wantedKeys([pdu], rules)));
    if (!verdict.valid) {
      return verdict.reason === 'bad-identifier'
        ? 'A user id of the event has no server'
        : `The event is not properly signed by ${verdict.server} (${verdict.reason})`;
    }
    return verdict.contentHashMatches ? undefined : 'The hash of the event is not that of its content';
  }

  /** Whether the server has signed the event, be it required or not. */
  async isSignedBy(pdu: Pdu, rules: RoomVersionRules, server: string): Promise<boolean> {
    const signatures = signaturesOf(pdu, server);
    if (!isServerName(server)) return false;
    const wanted = [...signatures.keys()].map((keyId) => ({ server, keyId, validAt: pdu.origin_server_ts }));
    const keys = await this.keys.lookup(wanted);
    const text = essentialText(pdu, rules);
    return [...signatures].some(([keyId, signature]) => keys(server, keyId)?.key.verify(text, signature) === true);
  }

  /** @throws M_INVALID_PARAM */
  async demand(pdu: Pdu, rules: RoomVersionRules): Promise<void> {
    const problem = await this.problem(pdu, rules);
    if (problem !== undefined) throw invalidParam(problem);
  }
}

function wantedKeys(pdus: readonly Pdu[], rules: RoomVersionRules): WantedKey[] {
  return pdus.flatMap((pdu) =>
    [...(requiredSigners(pdu, rules) ?? [])].flatMap((server) =>
      [...signaturesOf(pdu, server).keys()].map((keyId) => ({ server, keyId, validAt: pdu.origin_server_ts })),
    ),
  );
}
