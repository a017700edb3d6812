import { authorize } from '../../src/protocol/authorization/authorize.ts';
import { canonicalJson } from '../../src/protocol/canonical-json/canonical-json.ts';
import { parseStrictJson } from '../../src/protocol/canonical-json/strict-parse.ts';
import { buildEvent, type EventPrototype } from '../../src/protocol/events/build-event.ts';
import type { Pdu, RoomEvent, StateView } from '../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { classify } from '../../src/protocol/push-rules/classify.ts';
import { NO_CUSTOMISATIONS, rulesetOf } from '../../src/protocol/push-rules/customisations.ts';
import { evaluate } from '../../src/protocol/push-rules/evaluate.ts';
import { roomVersion } from '../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../src/protocol/room-versions/rules.ts';
import { signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';
import { verifyEvent } from '../../src/protocol/signing/verify-event.ts';
import { type VerifyKey, verifyKeyFromBase64 } from '../../src/protocol/signing/verify-key.ts';

const SECONDS = 1;

/** Prints how often a second `work` runs, and the microseconds that one run takes. */
function measure(name: string, work: () => unknown): void {
  for (let i = 0; i < 2000; i++) work();
  const start = process.hrtime.bigint();
  const end = start + BigInt(SECONDS * 1e9);
  let runs = 0;
  let now = start;
  while (now < end) {
    for (let i = 0; i < 100; i++) work();
    runs += 100;
    now = process.hrtime.bigint();
  }
  const micros = Number(now - start) / 1000 / runs;
  console.log(
    `${name.padEnd(40)} ${Math.round(1e6 / micros)
      .toLocaleString('en')
      .padStart(12)}/s ${micros.toFixed(2).padStart(9)} µs`,
  );
}

/** Canonical JSON, hashing and signing of a message of about 700 bytes. */
export async function run(): Promise<void> {
  const rules = roomVersion('12') as RoomVersionRules;
  const key = signingKeyFromSeed(Buffer.alloc(32, 1), 'bench');
  const signer = { serverName: 'bench.example', key };
  const prototype: EventPrototype = {
    type: 'm.room.message',
    sender: '@alice:bench.example',
    room_id: '!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM',
    content: {
      msgtype: 'm.text',
      body: 'A message of ordinary length, as people write them all day.',
      'm.mentions': {},
    },
    depth: 1234,
    prev_events: ['$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg'],
    auth_events: ['$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg', '$acR1l0raoZnm60CBwAVgqbZqoO_mYU81xysh1u7XcJk'],
    origin_server_ts: 1_700_000_000_000,
  };
  const { pdu, json } = buildEvent(prototype, rules, signer);
  const known = { key: verifyKeyFromBase64(key.publicKey) as VerifyKey, validUntilTs: Number.MAX_SAFE_INTEGER };
  console.log(`event of ${Buffer.byteLength(json)} bytes`);
  measure('canonical JSON', () => canonicalJson(pdu));
  measure('JSON.parse', () => JSON.parse(json));
  measure('strict parse', () => parseStrictJson(json));
  measure('build event (hash, sign, id, JSON)', () => buildEvent(prototype, rules, signer));
  measure('Ed25519 signature alone', () => key.sign(json));
  measure('verify event', () => verifyEvent(pdu, rules, () => known));
  measureRules(rules, pdu);
}

/** What is decided of every message: may it be sent, whom does it notify, who may see it. */
function measureRules(rules: RoomVersionRules, pdu: Pdu): void {
  const state = stateOfBigRoom(pdu);
  const sender = { senderPowerLevel: 0, notificationLevel: () => 50 };
  const event = { ...pdu, room_id: pdu.room_id ?? '' };
  const mine = rulesetOf('@bob:bench.example', NO_CUSTOMISATIONS);
  const context = { ...sender, userId: '@bob:bench.example', memberCount: 1000 };
  measure('authorize a message', () => authorize(rules, { pdu }, state));
  measure('class of a message', () => classify(event, sender));
  measure('push rules of one user', () => evaluate(mine, event, context));
}

/** A room with 1,000 users in its power levels. */
function stateOfBigRoom(message: Pdu): StateView {
  const users = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`@user${index}:bench.example`, 50]));
  const contents: [string, string, JsonObject][] = [
    ['m.room.create', '', { room_version: '12' }],
    ['m.room.power_levels', '', { users }],
    ['m.room.member', message.sender, { membership: 'join' }],
  ];
  const events = new Map<string, RoomEvent>();
  for (const [type, stateKey, content] of contents) {
    const pdu: Pdu = { ...message, type, state_key: stateKey, sender: '@creator:bench.example', content };
    events.set(`${type} ${stateKey}`, { eventId: `$${message.room_id?.slice(1)}`, pdu });
  }
  return { get: (type, stateKey) => events.get(`${type} ${stateKey}`) };
}
