import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import { ClientFrames } from '../../../src/live/hub/sockets/client-frames.ts';
import { seededRandom } from './seeded-random.ts';

const MASK = Buffer.from([0x12, 0xf0, 0x56, 0x78]);
const [TEXT, BINARY, CLOSE, PING, PONG] = [1, 2, 8, 9, 10];

interface Extras {
  readonly isFinal?: boolean;
  /** The bits between the first and the opcode. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
}

/** A frame as clients send it. */
function frame(opcode: number, payload: Buffer | string = '', extras: Extras = {}): Buffer {
  const { isFinal = true, reserved = 0, isMasked = true } = extras;
  const bytes = Buffer.from(payload);
  const first = (isFinal ? 0x80 : 0) | reserved | opcode;
  const mask = isMasked ? 0x80 : 0;
  const length = bytes.length;
  const head =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, mask | 127, 0, 0, 0, 0]), Buffer.from(uint32(length))]);
  if (!isMasked) return Buffer.concat([head, bytes]);
  return Buffer.concat([head, MASK, bytes.map((byte, at) => byte ^ MASK[at % 4]!)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const code = (value: number, reason: Buffer | string = '') =>
  Buffer.concat([Buffer.from([value >> 8, value & 0xff]), Buffer.from(reason)]);
const deflated = (text: string) => deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

function reader({ maxMessage = 100_000, mayDeflate = true } = {}) {
  const heard: string[] = [];
  const frames = new ClientFrames(
    {
      onText: (text) => heard.push(`text ${text}`),
      onBinary: () => heard.push('binary'),
      onPing: (payload) => heard.push(`ping ${payload}`),
      onClose: (closed) => heard.push(`close ${closed}`),
      onViolation: (violation) => heard.push(`violation ${violation}`),
    },
    { maxMessage, maxFragments: 4 },
    mayDeflate,
  );
  return { frames, heard };
}

/** What is heard of some frames that come at once. */
function hear(parts: readonly Buffer[], options?: { maxMessage?: number; mayDeflate?: boolean }): string[] {
  const { frames, heard } = reader(options);
  frames.push(Buffer.concat(parts));
  return heard;
}

describe('frames of clients', () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    it(`are read with ${length} bytes`, () => {
      const text = 'é'.repeat(length / 2) + 'x'.repeat(length % 2);
      assert.deepEqual(hear([frame(TEXT, text)]), [`text ${text}`]);
    });
  }

  it('are the same in whatever pieces their bytes come', () => {
    const bytes = Buffer.concat([
      frame(TEXT, 'first'),
      frame(TEXT, 'x'.repeat(200)),
      frame(TEXT, 'bro', { isFinal: false }),
      frame(PING, 'there?'),
      frame(0, 'ken'),
      frame(PONG, 'unasked'),
      frame(TEXT, deflated('packed '.repeat(20)), { reserved: 0x40 }),
      frame(BINARY, Buffer.from([0xff])),
      frame(CLOSE, code(1000, 'bye')),
    ]);
    const expected = [
      ...['text first', `text ${'x'.repeat(200)}`, 'ping there?', 'text broken', `text ${'packed '.repeat(20)}`],
      ...['binary', 'close 1000'],
    ];
    for (const size of [1, 2, 3, 7, 64, bytes.length]) {
      const { frames, heard } = reader();
      for (let at = 0; at < bytes.length; at += size) frames.push(bytes.subarray(at, at + size));
      assert.deepEqual(heard, expected, `${size} at a time`);
    }
  });

  it('are unpacked where they came in pieces, too', () => {
    const packed = deflated('a long story '.repeat(50));
    const [one, two] = [packed.subarray(0, 9), packed.subarray(9)];
    const heard = hear([frame(TEXT, one, { isFinal: false, reserved: 0x40 }), frame(0, two)]);
    assert.deepEqual(heard, [`text ${'a long story '.repeat(50)}`]);
    assert.deepEqual(hear([frame(TEXT, deflated(''), { reserved: 0x40 })]), ['text ']);
  });

  const fragments = Array.from({ length: 5 }, (_, n) => frame(n === 0 ? TEXT : 0, 'x', { isFinal: n === 4 }));
  const broken: readonly [what: string, parts: readonly Buffer[], violation: number, options?: object][] = [
    ['a frame without a mask', [frame(TEXT, 'x', { isMasked: false })], 1002],
    ['bits that mean nothing', [frame(TEXT, 'x', { reserved: 0x20 })], 1002],
    ['compression that was not agreed on', [frame(TEXT, 'x', { reserved: 0x40 })], 1002, { mayDeflate: false }],
    ['a compressed control frame', [frame(PING, 'x', { reserved: 0x40 })], 1002],
    [
      'compression in the middle of a message',
      [frame(TEXT, 'x', { isFinal: false }), frame(0, 'x', { reserved: 0x40 })],
      1002,
    ],
    ['a kind of frame that nobody knows', [frame(3, 'x')], 1002],
    ['a kind of control frame that nobody knows', [frame(11, 'x')], 1002],
    ['the rest of no message', [frame(0, 'x')], 1002],
    ['a message within another', [frame(TEXT, 'x', { isFinal: false }), frame(TEXT, 'y')], 1002],
    ['a control frame in pieces', [frame(PING, 'x', { isFinal: false })], 1002],
    ['a control frame that is too long', [frame(PING, 'x'.repeat(126))], 1002],
    ['a text that is none', [frame(TEXT, Buffer.from([0xc3, 0x28]))], 1007],
    ['what cannot be unpacked', [frame(TEXT, Buffer.from([0xff, 0xff]), { reserved: 0x40 })], 1007],
    ['a message that is too long', [frame(TEXT, 'x'.repeat(101))], 1009, { maxMessage: 100 }],
    [
      'pieces that are too long together',
      [frame(TEXT, 'x'.repeat(60), { isFinal: false }), frame(0, 'x'.repeat(60))],
      1009,
      { maxMessage: 100 },
    ],
    [
      'what would be too long unpacked',
      [frame(TEXT, deflated('x'.repeat(100_000)), { reserved: 0x40 })],
      1009,
      { maxMessage: 1000 },
    ],
    ['a message in too many pieces', fragments, 1008],
    ['half a close code', [frame(CLOSE, 'x')], 1002],
    ['a close code that is not said', [frame(CLOSE, code(1005))], 1002],
    ['a close code beyond all', [frame(CLOSE, code(5000))], 1002],
    ['a reason that is no text', [frame(CLOSE, code(1000, Buffer.from([0xff])))], 1007],
  ];
  for (const [what, parts, violation, options] of broken) {
    it(`end with ${violation} for ${what}, and nothing behind it is read`, () => {
      assert.deepEqual(hear([...parts, frame(TEXT, 'more')], options), [`violation ${violation}`]);
    });
  }

  it('do not make anybody keep what a head only announces', () => {
    const huge = Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.from('7fffffffffffffff', 'hex')]);
    assert.deepEqual(hear([huge]), ['violation 1009']);
  });

  it('end without a code where none is given, and with any that applications have', () => {
    assert.deepEqual(hear([frame(CLOSE)]), ['close undefined']);
    for (const value of [1000, 1001, 1011, 1014, 3000, 4999]) {
      assert.deepEqual(hear([frame(CLOSE, code(value)), frame(TEXT, 'more')]), [`close ${value}`]);
    }
  });

  it('are read or refused, whatever bytes come', () => {
    const random = seededRandom(7);
    for (let run = 0; run < 2000; run++) {
      const { frames, heard } = reader({ maxMessage: 300 });
      for (let piece = 0; piece < 4; piece++) frames.push(random.bytes(40));
      assert.ok(heard.filter((what) => what.startsWith('violation')).length <= 1);
    }
  });
});
