import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { clientAddress, limitKey } from '../../src/http/client-address.ts';

function address(proxies: readonly string[], peer: string | undefined, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress(proxies)({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);
}

describe('client address', () => {
  const cases: readonly [string, readonly string[], string | undefined, string | undefined, string][] = [
    ['is the peer without proxies', [], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['is the peer where it is no proxy', ['10.0.0.0/8'], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['is what a proxy says', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['is the proxy itself where it says nothing', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    [
      'is not what the client wrote before the proxy',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '1.1.1.1, 203.0.113.9',
      '203.0.113.9',
    ],
    ['is found behind two proxies', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['is the last proxy before nonsense', ['10.0.0.0/8'], '10.1.2.3', 'nonsense, 10.9.9.9', '10.9.9.9'],
    ['takes IPv4 in IPv6 for IPv4', ['127.0.0.1'], '::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['knows proxies with IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['believes who comes by a Unix socket', [], undefined, '203.0.113.9', '203.0.113.9'],
    ['is "unix" for a local client by a socket', [], undefined, undefined, 'unix'],
  ];
  for (const [what, proxies, peer, forwarded, expected] of cases) {
    it(what, () => assert.equal(address(proxies, peer, forwarded), expected));
  }

  it('counts as one client by IPv4 address or /64 of IPv6', () => {
    assert.equal(limitKey('192.0.2.1'), '192.0.2.1');
    assert.equal(limitKey('2001:db8::1'), '2001:db8:0:0');
    assert.equal(limitKey('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
    assert.equal(limitKey('::1'), '0:0:0:0');
    assert.equal(limitKey('1:2:3::'), '1:2:3:0');
  });
});
