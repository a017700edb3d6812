import { canonicalJson } from '../../src/protocol/canonical-json/canonical-json.ts';
import { parseStrictJson } from '../../src/protocol/canonical-json/strict-parse.ts';
import { buildEvent, type EventPrototype } from '../../src/protocol/events/build-event.ts';
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
}
