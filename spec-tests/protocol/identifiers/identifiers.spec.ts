import assert from 'node:assert/strict';
import { isDeviceId } from '../../../src/protocol/identifiers/device-id.ts';
import { isEventId, isEventIdIn } from '../../../src/protocol/identifiers/event-id.ts';
import { isServerKeyId, parseKeyId } from '../../../src/protocol/identifiers/key-id.ts';
import { makeMxcUri, parseMxcUri } from '../../../src/protocol/identifiers/mxc-uri.ts';
import { isOpaqueId } from '../../../src/protocol/identifiers/opaque-id.ts';
import { localpartOf, serverOf } from '../../../src/protocol/identifiers/parts.ts';
import { isRoomAlias, makeRoomAlias } from '../../../src/protocol/identifiers/room-alias.ts';
import {
  createEventIdFromRoomId,
  isRoomId,
  roomIdFromCreateEventId,
} from '../../../src/protocol/identifiers/room-id.ts';
import { isServerName, parseServerName } from '../../../src/protocol/identifiers/server-name.ts';
import {
  isCompliantUserId,
  isStrictLocalpart,
  isUserId,
  makeUserId,
  userIdFromLoginName,
} from '../../../src/protocol/identifiers/user-id.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';
import fixture from '../../fixtures/identifiers.json' with { type: 'json' };

const checks: Record<keyof typeof fixture, (value: unknown) => boolean> = {
  serverName: isServerName,
  userId: isUserId,
  compliantUserId: isCompliantUserId,
  strictLocalpart: (value) => isStrictLocalpart(value as string),
  roomId: isRoomId,
  eventId: isEventId,
  roomAlias: isRoomAlias,
  mxcUri: (value) => parseMxcUri(value) !== undefined,
  deviceId: isDeviceId,
  serverKeyId: isServerKeyId,
  opaqueId: isOpaqueId,
};

describe('identifiers', () => {
  for (const [kind, check] of Object.entries(checks)) {
    const { valid, invalid } = fixture[kind as keyof typeof fixture];
    for (const value of valid) {
      it(`takes ${JSON.stringify(value)} for a ${kind}`, () => assert.equal(check(value), true));
    }
    for (const value of invalid) {
      it(`does not take ${JSON.stringify(value)} for a ${kind}`, () => assert.equal(check(value), false));
    }
  }

  it('may be 255 bytes of UTF-8 long, not 256', () => {
    const server = ':matrix.org';
    const fits = (sigil: string, character: string): string =>
      sigil + character.repeat((255 - server.length - 1) / Buffer.byteLength(character)) + server;
    for (const character of ['a', 'é日']) {
      for (const [sigil, check] of [
        ['@', isUserId],
        ['!', isRoomId],
        ['#', isRoomAlias],
        ['$', isEventId],
      ] as const) {
        let id = fits(sigil, character);
        while (Buffer.byteLength(id) < 255) id = `${sigil}x${id.slice(1)}`;
        assert.equal(check(id), true, id);
        assert.equal(check(`${sigil}x${id.slice(1)}`), false, id);
      }
    }
  });
});

describe('server name parts', () => {
  it('tells DNS names, IPv4 and IPv6 addresses apart', () => {
    assert.deepEqual(parseServerName('matrix.org:8448'), { host: 'matrix.org', kind: 'dns', port: 8448 });
    assert.deepEqual(parseServerName('1.2.3.4'), { host: '1.2.3.4', kind: 'ipv4' });
    assert.deepEqual(parseServerName('[::1]:80'), { host: '::1', kind: 'ipv6', port: 80 });
  });
});

describe('parts of identifiers', () => {
  const cases: [string, string, string | undefined][] = [
    ['@alice:matrix.org', 'alice', 'matrix.org'],
    ['@alice:matrix.org:8448', 'alice', 'matrix.org:8448'],
    ['!abc:[::1]:80', 'abc', '[::1]:80'],
    ['!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM', '31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM', undefined],
    ['#a:not a server', 'a', undefined],
  ];
  for (const [id, localpart, server] of cases) {
    it(`splits ${id}`, () => {
      assert.equal(localpartOf(id), localpart);
      assert.equal(serverOf(id), server);
    });
  }

  it('splits mxc URIs and key ids', () => {
    assert.deepEqual(parseMxcUri(makeMxcUri('matrix.org', 'abc')), { server: 'matrix.org', mediaId: 'abc' });
    assert.deepEqual(parseKeyId('signed_curve25519:AAAAAQ'), { algorithm: 'signed_curve25519', identifier: 'AAAAAQ' });
  });
});

describe('user ids of accounts', () => {
  it('are made only of localparts that new accounts may have', () => {
    assert.equal(makeUserId('alice', 'matrix.org'), '@alice:matrix.org');
    assert.equal(makeUserId('Alice', 'matrix.org'), undefined);
    assert.equal(makeUserId('a'.repeat(250), 'matrix.org'), undefined);
  });

  it('are found from what a person types at login', () => {
    assert.equal(userIdFromLoginName('Alice', 'matrix.org'), '@alice:matrix.org');
    assert.equal(userIdFromLoginName('@Alice:matrix.org', 'matrix.org'), '@Alice:matrix.org');
    assert.equal(userIdFromLoginName('@alice', 'matrix.org'), undefined);
    assert.equal(userIdFromLoginName('a\0', 'matrix.org'), undefined);
  });
});

describe('room aliases', () => {
  it('are made of a localpart without a colon', () => {
    assert.equal(makeRoomAlias('room', 'matrix.org'), '#room:matrix.org');
    assert.equal(makeRoomAlias('ro:om', 'matrix.org'), undefined);
    assert.equal(makeRoomAlias('', 'matrix.org'), undefined);
  });
});

describe('ids that are hashes', () => {
  const urlSafe = '$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg';
  const standard = '$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk';
  const chosen = '$abc:matrix.org';
  for (const [version, good] of [
    ['2', chosen],
    ['3', standard],
    ['12', urlSafe],
  ] as const) {
    it(`are event ids in rooms of version ${version} only in its format`, () => {
      const rules = roomVersion(version);
      assert.ok(rules);
      for (const id of [chosen, standard, urlSafe]) assert.equal(isEventIdIn(rules, id), id === good, id);
    });
  }

  it('turn from the id of a create event into a room id and back', () => {
    const roomId = roomIdFromCreateEventId(urlSafe);
    assert.equal(roomId, `!${urlSafe.slice(1)}`);
    assert.equal(createEventIdFromRoomId(roomId), urlSafe);
  });
});
