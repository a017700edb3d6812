import assert from 'node:assert/strict';
import { badgesOf } from '../../../src/live/rules/badges.ts';
import { stampContent } from '../../../src/live/rules/chat-block.ts';
import { findEmotes } from '../../../src/live/rules/emotes.ts';
import { stripReservedKeys } from '../../../src/live/rules/reserved-keys.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { EMOTES, MODERATOR, STREAMER, SUBSCRIBER, VIEWER, VIP } from './attempts.ts';

describe('badges', () => {
  const names = new Map([['founder', 'founder']]);
  const CASES = [
    ['nobody in particular', VIEWER, []],
    ['the streamer', STREAMER, [['streamer', '1']]],
    ['a moderator', MODERATOR, [['moderator', '1']]],
    ['a VIP', VIP, [['vip', '1']]],
    ['a subscriber, by months', SUBSCRIBER, [['sub', '6']]],
    ['a new subscriber', { ...SUBSCRIBER, subscribedMonths: 0 }, [['sub', '1']]],
    ['a role that the configuration names', { ...VIEWER, roles: ['founder', 'unknown'] }, [['founder', '1']]],
    [
      'claims',
      { ...VIP, badges: [['cheer', '100']] as const },
      [
        ['vip', '1'],
        ['cheer', '100'],
      ],
    ],
  ] as const;
  for (const [who, standing, badges] of CASES) {
    it(`show ${who}`, () => assert.deepEqual(badgesOf(standing, names), badges));
  }

  it('are eight at most', () => {
    const badges = Array.from({ length: 20 }, (_, n) => [`b${n}`, '1'] as const);
    assert.equal(badgesOf({ ...VIEWER, badges }, names).length, 8);
  });
});

describe('emotes', () => {
  it('are found as words, at positions in code points', () => {
    const body = '😀😀 gg wp now beam:hype beam:hypes';
    const [emote, ...others] = findEmotes(body, EMOTES);
    assert.deepEqual(others, []);
    assert.equal([...body].slice(emote?.start, emote?.end).join(''), 'beam:hype');
  });

  it('are those of the channel only', () => assert.deepEqual(findEmotes(':nope: toString', EMOTES), []));
});

describe('the stamp of a message', () => {
  const stamp = { session: 'ss_1', offsetMs: 1500.7, badges: badgesOf(VIP, new Map()), color: '#9147ff', first: true };

  it('is written over what the sender claims', () => {
    const claimed: JsonObject = { body: 'hi', 'online.beamify.chat': { badges: [['streamer', '1']] } };
    assert.deepEqual(stampContent(claimed, 'hi', { ...stamp, emotes: [] }), {
      body: 'hi',
      'online.beamify.chat': {
        ...{ offset_ms: 1500, session: 'ss_1', badges: [['vip', '1']], color: '#9147ff', first: true },
      },
    });
  });

  it('shows emotes as pictures to other clients, and nothing of the body as markup', () => {
    const body = '<b> :wave:';
    const content = stampContent({ body }, body, { ...stamp, emotes: findEmotes(body, EMOTES) });
    assert.equal(
      content['formatted_body'],
      '&lt;b&gt; <img data-mx-emoticon src="mxc://beamify.test/wave" alt=":wave:" title=":wave:" height="32">',
    );
  });
});

describe('keys of the server in content', () => {
  it('are taken out, of what an edit shows too', () => {
    const content: JsonObject = { a: 1, 'online.beamify.x': 1, 'm.new_content': { b: 2, 'online.beamify.chat': {} } };
    assert.deepEqual(stripReservedKeys(content), { a: 1, 'm.new_content': { b: 2 } });
  });

  it('cost nothing where there are none', () => {
    const content = { body: 'x' };
    assert.equal(stripReservedKeys(content), content);
  });

  it('keep strange keys as they are', () => {
    const content = JSON.parse('{"__proto__": {"a": 1}, "online.beamify.chat": 1}') as JsonObject;
    assert.equal(JSON.stringify(stripReservedKeys(content)), '{"__proto__":{"a":1}}');
  });
});
