import assert from 'node:assert/strict';
import { compileProjection } from '../../../src/protocol/filters/project-event.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';

const TEXT =
  '{"type":"m.room.message","sender":"@a:a.test","content":{"body":"x","m.relates_to":{"rel_type":"m.thread"},"info":{"w":1,"h":2},"__proto__":{"y":1}}}';

const CASES: [string[], string][] = [
  [['type'], '{"type":"m.room.message"}'],
  [['content.body', 'sender'], '{"content":{"body":"x"},"sender":"@a:a.test"}'],
  [['content.m\\.relates_to.rel_type'], '{"content":{"m.relates_to":{"rel_type":"m.thread"}}}'],
  [['content.info.w', 'content.info.h'], '{"content":{"info":{"w":1,"h":2}}}'],
  [['content.info', 'content.info.w'], '{"content":{"info":{"w":1,"h":2}}}'],
  [['content.info.w', 'content.info'], '{"content":{"info":{"w":1,"h":2}}}'],
  [['content.missing', 'unsigned.age', 'content.body.more'], '{}'],
  [['content.__proto__.y'], '{"content":{"__proto__":{"y":1}}}'],
  [['constructor'], '{}'],
  [[], '{}'],
];

describe('projection of events', () => {
  for (const [fields, expected] of CASES) {
    it(`keeps ${JSON.stringify(fields)}`, () => {
      const event = JSON.parse(TEXT) as JsonObject;
      assert.equal(JSON.stringify(compileProjection(fields)(event)), expected);
      assert.equal(JSON.stringify(event), TEXT);
    });
  }

  it('keeps everything where no fields are named', () => {
    const event = JSON.parse(TEXT) as JsonObject;
    assert.equal(compileProjection(undefined)(event), event);
  });
});
