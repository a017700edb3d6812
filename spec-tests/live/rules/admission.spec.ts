import assert from 'node:assert/strict';
import { decide, delayOf, judgeClassifier } from '../../../src/live/rules/admission/admit.ts';
import { afterAdmission } from '../../../src/live/rules/admission/check-room-rate.ts';
import { classOf } from '../../../src/live/rules/admission/event-types.ts';
import { afterAccepted, afterAttempt, NO_PACE, type PaceRecord } from '../../../src/live/rules/admission/pace.ts';
import {
  attempt,
  BOT,
  type Difference,
  MINUTE,
  MODERATOR,
  NOW,
  STREAMER,
  SUBSCRIBER,
  VIEWER,
  VIP,
} from './attempts.ts';

/** `in`, `held:<reason>`, or a code, with the milliseconds to wait if there are any. */
function outcome(difference: Difference): string {
  const { verdict } = decide(attempt(difference));
  if (verdict === undefined) return 'in';
  if (verdict.outcome === 'hold') return `held:${verdict.reason}`;
  return verdict.retryMs === undefined ? verdict.code : `${verdict.code} ${verdict.retryMs}`;
}

const OK = { banned: false, timedOutUntil: undefined, warned: false };
const SLOW = { slow: 30 };
const LAST = (ms: number): { pace: PaceRecord } => ({ pace: { lastAt: NOW - ms, bucket: undefined } });
const SAID = (own?: number, any?: number, users = 0) => ({
  recent: {
    ownLast: () => (own === undefined ? undefined : NOW - own),
    anyLast: () => (any === undefined ? undefined : NOW - any),
    otherUsers: () => users,
  },
});
const FOLLOWS = (minutes: number) => ({ sender: { ...VIEWER, followingSince: NOW - minutes * MINUTE } });
const LINK = { body: 'look at example.com please' };
const HTML = (body: string, formatted_body: string) => ({
  content: { msgtype: 'm.text', body, format: 'org.matrix.custom.html', formatted_body },
});

const CASES: [title: string, difference: Difference, outcome: string][] = [
  ['an ordinary message', {}, 'in'],

  ['1: somebody without an account', { sender: undefined }, 'signed_out'],
  ['1: the banned', { sanctions: { ...OK, banned: true } }, 'banned'],
  ['1: the timed out', { sanctions: { ...OK, timedOutUntil: NOW + 600_000 } }, 'timed_out 600000'],
  ['1: those whose time-out is over', { sanctions: { ...OK, timedOutUntil: NOW } }, 'in'],
  ['1: a moderator in time-out', { sender: MODERATOR, sanctions: { ...OK, timedOutUntil: NOW + 5 } }, 'timed_out 5'],
  ['1: the warned', { sanctions: { ...OK, warned: true } }, 'warned'],

  ['2: a closed chat', { chatOpen: false }, 'chat_closed'],
  ['2: a moderator in a closed chat', { chatOpen: false, sender: MODERATOR }, 'in'],
  ['2: encrypted events', { type: 'm.room.encrypted', content: {} }, 'wrong_type'],
  ['2: what a chat does not know', { type: 'org.example.blob', content: { body: 'x' } }, 'wrong_type'],
  ['2: images', { content: { msgtype: 'm.image', body: 'x.png', url: 'mxc://a/b' } }, 'no_images'],
  [
    '2: images where they are allowed',
    { settings: { images: true }, content: { msgtype: 'm.image', body: 'x' } },
    'in',
  ],
  [
    '2: an edit to an image',
    { content: { body: 'x', 'm.new_content': { msgtype: 'm.image', body: 'x' } } },
    'no_images',
  ],
  ['2: 500 characters of more than one code unit', { body: '\u{20000}b'.repeat(250) }, 'in'],
  ['2: 501 characters', { body: '\u{20000}b'.repeat(250).concat('c') }, 'too_long'],
  ['2: more than the room wants', { settings: { max_length: 5 }, body: 'abcdef' }, 'too_long'],
  ['2: a long text where clients show it instead', { content: { body: 'x', 'm.text': 'y'.repeat(501) } }, 'too_long'],
  ['2: control characters', { body: 'a\u0007b' }, 'bad_characters'],
  ['2: text that is turned around', { body: 'a\u202eb' }, 'bad_characters'],
  ['2: marks without end', { body: `a${'\u0301'.repeat(9)}` }, 'bad_characters'],
  ['2: letters with their marks', { body: 'é à ệ สวัสดี नमस्ते\nworld' }, 'in'],
  ['2: HTML that says the same', HTML('very good', '<b>very</b> good'), 'in'],
  ['2: HTML that says something else', HTML('good', 'bad'), 'html_mismatch'],

  ['3: two messages within a second', LAST(400), 'rate_limited 600'],
  ['3: a message after a second', LAST(1000), 'in'],
  ['3: slow mode', { ...LAST(10_000), settings: SLOW }, 'slow_mode 20000'],
  ['3: slow mode when it is over', { ...LAST(30_000), settings: SLOW }, 'in'],
  ['3: a VIP in slow mode', { ...LAST(10_000), settings: SLOW, sender: VIP }, 'slow_mode 20000'],
  ['3: a VIP who is exempt', { ...LAST(9000), settings: { ...SLOW, exempt: { slow: ['vip'] } }, sender: VIP }, 'in'],
  ['3: a moderator in slow mode', { ...LAST(100), settings: SLOW, sender: MODERATOR }, 'in'],
  ['3: a bot in slow mode', { ...LAST(100), settings: SLOW, sender: BOT }, 'in'],
  ['3: a clock set back', { ...LAST(-5000), settings: SLOW }, 'slow_mode 30000'],
  ['3: an empty bucket', { pace: { lastAt: undefined, bucket: { tokens: 0, at: NOW } } }, 'rate_limited 1500'],

  ['4: who does not follow', { settings: { followers_only: 0 } }, 'followers_only'],
  ['4: who follows', { settings: { followers_only: 0 }, ...FOLLOWS(0) }, 'in'],
  ['4: who has not followed for long', { settings: { followers_only: 10 }, ...FOLLOWS(4) }, 'followers_only 360000'],
  ['4: who has followed for long', { settings: { followers_only: 10 }, ...FOLLOWS(10) }, 'in'],
  ['4: a subscriber among followers', { settings: { followers_only: 10 }, sender: SUBSCRIBER }, 'in'],
  ['4: who does not subscribe', { settings: { subscribers_only: 1 }, ...FOLLOWS(99) }, 'subscribers_only'],
  ['4: who subscribes', { settings: { subscribers_only: 1 }, sender: SUBSCRIBER }, 'in'],
  ['4: too low a tier', { settings: { subscribers_only: 2 }, sender: SUBSCRIBER }, 'subscribers_only'],
  ['4: the streamer among subscribers', { settings: { subscribers_only: 3 }, sender: STREAMER }, 'in'],
  ['4: words where only emotes go', { settings: { emote_only: true }, body: 'hi :wave:' }, 'emote_only'],
  ['4: emotes', { settings: { emote_only: true }, body: ':wave: beam:hype 🔥' }, 'in'],
  ['4: a flag and a family', { settings: { emote_only: true }, body: '🇧🇷 👨‍👩‍👧 ❤️ 1️⃣' }, 'in'],
  ['4: digits alone', { settings: { emote_only: true }, body: '123' }, 'emote_only'],
  ['4: a new account', { settings: { account_age: 2000 } }, 'account_age 60000000'],
  ['4: an old account', { settings: { account_age: 1000 } }, 'in'],
  [
    '4: an account whose age nobody knows',
    { settings: { account_age: 1 }, sender: { ...VIEWER, accountSince: undefined } },
    'account_age',
  ],
  ['4: an address that is not confirmed', { settings: { verified: ['email'] } }, 'unverified'],
  [
    '4: a confirmed address',
    { settings: { verified: ['email'] }, sender: { ...VIEWER, verified: ['email', 'phone'] } },
    'in',
  ],
  [
    '4: a first message',
    { settings: { first_time: 'hold' }, sender: { ...VIEWER, hasChatted: false } },
    'held:first_time',
  ],
  ['4: no first message', { settings: { first_time: 'hold' } }, 'in'],

  ['5: the same again', SAID(10_000), 'duplicate 20000'],
  ['5: the same by a moderator', { ...SAID(10_000), sender: MODERATOR }, 'in'],
  ['5: the same as a sticker', { ...SAID(10_000), type: 'm.sticker' }, 'in'],
  [
    '5: what another said, in unique mode',
    { ...SAID(undefined, 30_000), settings: { unique: { min_length: 5, window_s: 60 } } },
    'not_unique 30000',
  ],
  [
    '5: short words in unique mode',
    { ...SAID(undefined, 30_000), body: 'gg', settings: { unique: { min_length: 5, window_s: 60 } } },
    'in',
  ],
  ['5: what another said, without unique mode', SAID(undefined, 30_000), 'in'],

  ['6: a busy room', { roomBucket: { tokens: 10.5, at: NOW } }, 'room_busy 1010'],
  ['6: a subscriber in a busy room', { roomBucket: { tokens: 1, at: NOW }, sender: SUBSCRIBER }, 'in'],
  ['6: a VIP in a full room', { roomBucket: { tokens: 0, at: NOW }, sender: VIP }, 'room_busy 1020'],
  ['6: a moderator in a full room', { roomBucket: { tokens: 0, at: NOW }, sender: MODERATOR }, 'in'],

  ['7: a blocked term', { body: 'you l4m3r!', terms: [['lamer', 'block']] }, 'blocked_term'],
  ['7: a term to be held', { body: 'you lamer', terms: [['lamer', 'hold']] }, 'held:blocked_term'],
  [
    '7: a held and a blocked term',
    {
      body: 'a b',
      terms: [
        ['a', 'hold'],
        ['b', 'block'],
      ],
    },
    'blocked_term',
  ],
  ['7: a term that has run out', { body: 'you lamer', terms: [['lamer', 'block', NOW]] }, 'in'],
  ['7: a term by a moderator', { body: 'you lamer', terms: [['lamer', 'block']], sender: MODERATOR }, 'in'],
  [
    '7: a term in a reaction',
    { type: 'm.reaction', content: { 'm.relates_to': { key: 'lamer' } }, terms: [['lamer', 'block']] },
    'blocked_term',
  ],
  [
    '7: a term in an answer of a poll',
    {
      type: 'org.matrix.msc3381.poll.start',
      content: { 'org.matrix.msc3381.poll.start': { answers: [{ 'm.text': 'lamer' }] } },
      terms: [['lamer', 'block']],
    },
    'blocked_term',
  ],
  ['7: links', { ...LINK, settings: { links: 'block' } }, 'links'],
  ['7: links to be held', { ...LINK, settings: { links: 'hold' } }, 'held:links'],
  ['7: links where they are allowed', LINK, 'in'],
  ['7: links of a subscriber', { ...LINK, settings: { links: 'subscribers' }, sender: SUBSCRIBER }, 'in'],
  ['7: links of others', { ...LINK, settings: { links: 'subscribers' } }, 'links'],
  [
    '7: links of who is exempt',
    { ...LINK, settings: { links: 'block', exempt: { links: ['vip'] } }, sender: VIP },
    'in',
  ],
  [
    '7: a link behind other words',
    { ...HTML('look here', '<a href="https://evil.test/">look here</a>'), settings: { links: 'block' } },
    'links',
  ],
  [
    '7: six mentions',
    { content: { body: 'hi', 'm.mentions': { user_ids: ['a', 'b', 'c', 'd', 'e', 'f'] } } },
    'too_many_mentions',
  ],
  ['7: a flood of pictures', { body: '🔥'.repeat(21) }, 'too_many_emotes'],
  ['7: nothing but capitals', { body: 'THIS IS VERY IMPORTANT' }, 'too_loud'],
  ['7: a few capitals', { body: 'GG WP' }, 'in'],
  ['7: what eight users say at once', SAID(undefined, undefined, 7), 'held:flood'],
  ['7: what seven users say at once', SAID(undefined, undefined, 6), 'in'],

  ['the earlier step first', { chatOpen: false, sanctions: { ...OK, banned: true } }, 'banned'],
  [
    'a refusal of a later step before a hold',
    { settings: { first_time: 'hold', links: 'block' }, ...LINK, sender: { ...VIEWER, hasChatted: false } },
    'links',
  ],
];

describe('admission to a live room', () => {
  for (const [title, difference, expected] of CASES) {
    it(`answers "${expected}" to ${title}`, () => assert.equal(outcome(difference), expected));
  }

  it('counts a try against the limits once it is more than a matter of who and what', () => {
    assert.equal(decide(attempt({ chatOpen: false })).counts, false);
    assert.equal(decide(attempt({ settings: { subscribers_only: 1 } })).counts, true);
    assert.equal(decide(attempt()).counts, true);
  });

  it('delays messages in the rooms that want it, but none of moderators', () => {
    assert.equal(delayOf(attempt({ settings: { delay: 4 } })), 4000);
    assert.equal(delayOf(attempt({ settings: { delay: 4 }, sender: MODERATOR })), 0);
  });

  it('goes by the fallback of the channel where the classifier has no answer', () => {
    assert.equal(judgeClassifier({ verdict: 'allow' }, 'hold'), undefined);
    assert.equal(judgeClassifier('no_answer', 'allow'), undefined);
    assert.equal(judgeClassifier('no_answer', 'hold')?.outcome, 'hold');
    assert.equal(judgeClassifier({ verdict: 'block' }, 'allow')?.outcome, 'refuse');
  });
});

describe('the pace of a chatter', () => {
  const rate = { count: 20, perMs: 30_000 };

  it('lets twenty messages in at once, and then one every second and a half', () => {
    let record = NO_PACE;
    const send = (now: number) => {
      const verdict = outcome({ now, pace: { ...record, lastAt: undefined } });
      record = afterAttempt(record, rate, now);
      return verdict;
    };
    for (let n = 0; n < 20; n++) assert.equal(send(NOW), 'in');
    assert.equal(outcome({ pace: { ...record, lastAt: undefined } }), 'rate_limited 1500');
    assert.equal(outcome({ now: NOW + 1500, pace: { ...record, lastAt: undefined } }), 'in');
  });

  it('starts slow mode by what got in', () => {
    const record = afterAccepted(NO_PACE, NOW);
    assert.equal(outcome({ now: NOW + 1000, pace: record, settings: SLOW }), 'slow_mode 29000');
  });
});

describe('the pace of a room', () => {
  it('keeps a fifth for those who carry it', () => {
    let bucket = { tokens: 50, at: NOW };
    let admitted = 0;
    while (outcome({ roomBucket: bucket }) === 'in') {
      bucket = afterAdmission(bucket, 50, NOW);
      admitted += 1;
    }
    assert.equal(admitted, 40);
    assert.equal(outcome({ roomBucket: bucket, sender: SUBSCRIBER }), 'in');
    assert.equal(outcome({ roomBucket: bucket, now: NOW + 1000 }), 'in');
  });
});

describe('the events of a live room', () => {
  const CLASSES: [type: string, isState: boolean, expected: string][] = [
    ['m.room.message', false, 'chat'],
    ['m.poll.start', false, 'chat'],
    ['org.matrix.msc3381.poll.response', false, 'chat'],
    ['m.room.redaction', false, 'redaction'],
    ['m.room.member', true, 'member'],
    ['m.room.pinned_events', true, 'state'],
    ['online.beamify.live.settings', true, 'state'],
    ['m.room.encryption', true, 'refused'],
    ['m.room.encrypted', false, 'refused'],
    ['m.room.message', true, 'refused'],
    ['m.room.pinned_events', false, 'refused'],
    ['m.call.invite', false, 'refused'],
  ];
  for (const [type, isState, expected] of CLASSES) {
    it(`has ${type}${isState ? ' as state' : ''} as ${expected}`, () => assert.equal(classOf(type, isState), expected));
  }
});
