import assert from 'node:assert/strict';
import { ERRORS } from '../../src/protocol/error-catalogue.ts';
import {
  forbidden,
  limitExceeded,
  MatrixError,
  unknown,
  unknownToken,
  unrecognized,
  userLocked,
  wrongRoomKeysVersion,
} from '../../src/protocol/errors.ts';
import fixture from '../fixtures/errcodes.json' with { type: 'json' };

describe('error catalogue', () => {
  it('has every errcode that the specification names', () => {
    assert.deepEqual(
      fixture.errcodes.filter((code) => !Object.hasOwn(ERRORS, code)),
      [],
    );
  });

  it('gives each errcode an HTTP error status and a text', () => {
    for (const [code, { status, text }] of Object.entries(ERRORS)) {
      assert.ok(status >= 400 && status < 600, code);
      assert.match(text, /^[A-Z].{5,}[^.]$/, code);
    }
  });
});

describe('MatrixError', () => {
  const cases: [string, MatrixError, number, object][] = [
    [
      'a text',
      forbidden('You are not in this room'),
      403,
      { errcode: 'M_FORBIDDEN', error: 'You are not in this room' },
    ],
    ['no text', forbidden(), 403, { errcode: 'M_FORBIDDEN', error: ERRORS.M_FORBIDDEN.text }],
    [
      'a soft logout',
      unknownToken({ softLogout: true }),
      401,
      { errcode: 'M_UNKNOWN_TOKEN', error: ERRORS.M_UNKNOWN_TOKEN.text, soft_logout: true },
    ],
    ['a locked user', userLocked('Locked'), 401, { errcode: 'M_USER_LOCKED', error: 'Locked', soft_logout: true }],
    [
      'a wrong method',
      unrecognized(405),
      405,
      { errcode: 'M_UNRECOGNIZED', error: 'This endpoint does not have this method' },
    ],
    [
      'an old backup version',
      wrongRoomKeysVersion('7'),
      403,
      { errcode: 'M_WRONG_ROOM_KEYS_VERSION', error: ERRORS.M_WRONG_ROOM_KEYS_VERSION.text, current_version: '7' },
    ],
    ['another status', unknown('Bad gateway', { status: 502 }), 502, { errcode: 'M_UNKNOWN', error: 'Bad gateway' }],
  ];
  for (const [name, error, status, body] of cases) {
    it(`becomes a response body for ${name}`, () => {
      assert.ok(error instanceof MatrixError);
      assert.equal(error.status, status);
      assert.deepEqual(JSON.parse(JSON.stringify(error)), body);
    });
  }

  it('tells how long to wait in a header of whole seconds and in milliseconds', () => {
    const error = limitExceeded(1500.2);
    assert.equal(error.status, 429);
    assert.deepEqual(error.headers, { 'Retry-After': '2' });
    assert.equal(error.toJSON()['retry_after_ms'], 1501);
  });

  it('keeps its cause for the log and out of the body', () => {
    const cause = new Error('password is hunter2');
    const error = unknown(undefined, { cause });
    assert.equal(error.cause, cause);
    assert.ok(!JSON.stringify(error).includes('hunter2'));
  });
});
