import assert from 'node:assert/strict';
import { readRegistration } from '../../../src/services/appservices/appservice-registration.ts';
import { Appservices } from '../../../src/services/appservices/appservices.ts';

const IRC = {
  id: 'irc',
  url: 'http://127.0.0.1:9999/irc/',
  as_token: 'as',
  hs_token: 'hs',
  sender_localpart: 'ircbot',
  namespaces: {
    users: [{ exclusive: true, regex: '@irc_.*' }],
    aliases: [{ exclusive: true, regex: '#irc_.*' }],
  },
};

describe('the registration of an application service', () => {
  it('is read with its defaults', () => {
    const irc = readRegistration(IRC);
    assert.equal(irc.url, 'http://127.0.0.1:9999/irc');
    assert.equal(irc.isRateLimited, true);
    assert.deepEqual(irc.namespaces.rooms, []);
    assert.equal(readRegistration({ ...IRC, url: null }).url, undefined);
  });

  const wrong: [string, object, RegExp][] = [
    ['without a token', { ...IRC, as_token: undefined }, /as_token/],
    ['with an address that is none', { ...IRC, url: 'nowhere' }, /url/],
    ['with a sender that can be no user', { ...IRC, sender_localpart: 'Bot!' }, /sender_localpart/],
    ['with a list that is none', { ...IRC, namespaces: { users: 'all' } }, /namespaces\.users/],
    ['with a regular expression that is none', { ...IRC, namespaces: { users: [{ regex: '(' }] } }, /\(/],
    ['that is no map', [], /the file/],
  ];
  for (const [what, written, message] of wrong) {
    it(`is refused ${what}, and says why`, () => {
      assert.throws(() => readRegistration(written), message);
    });
  }
});

describe('Appservices', () => {
  const irc = readRegistration(IRC);
  const other = readRegistration({
    ...IRC,
    id: 'other',
    as_token: 'other',
    sender_localpart: 'other',
    namespaces: { users: [{ exclusive: false, regex: '@al' }] },
  });
  const appservices = new Appservices([irc, other], 'test.example');

  it('know whose names are whose', () => {
    assert.equal(appservices.isReserved('@irc_alice:test.example'), true);
    assert.equal(appservices.isReserved('@irc_alice:test.example', 'irc'), false);
    assert.equal(appservices.isReserved('@other:test.example'), true);
    assert.equal(appservices.isReserved('@alice:test.example'), false);
    assert.equal(appservices.isReserved('@irc_alice:elsewhere.example'), false);
    assert.equal(appservices.ownerOfAlias('#irc_chat:test.example'), 'irc');
    assert.equal(appservices.ownerOfAlias('#chat:test.example'), undefined);
  });

  it('act as their sender and their users, none of other servers', () => {
    const found = appservices.byToken('other')!;
    assert.equal(appservices.mayActAs(found, '@other:test.example'), true);
    assert.equal(appservices.mayActAs(found, '@alice:test.example'), true);
    assert.equal(appservices.mayActAs(found, '@alice:elsewhere.example'), false);
    assert.equal(appservices.mayActAs(found, '@bob:test.example'), false);
    assert.equal(appservices.byToken('nobody'), undefined);
  });

  it('cannot share a token or an id', () => {
    assert.throws(() => new Appservices([irc, irc], 'test.example'), /same id/);
    assert.throws(() => new Appservices([irc, { ...other, asToken: 'as' }], 'test.example'), /same as_token/);
  });
});
