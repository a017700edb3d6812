import assert from 'node:assert/strict';
import { AddressRules } from '../../src/outgoing/address-rules.ts';

const standard = new AddressRules({ allow: [], deny: [] });

describe('AddressRules', () => {
  for (const address of [
    ...['0.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.254', '127.0.0.1', '127.255.0.1'],
    ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.1.1', '198.18.0.1'],
    ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '0:0:0:0:0:ffff:a00:1', '::127.0.0.1'],
    ...['64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', 'fc00::1', 'fd12:3456::1', 'fe80::1'],
    ...[
      'fe80::1%eth0',
      '2606:4700::1%eth0',
      'fec0::1',
      'ff02::1',
      '2001::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '3fff::1',
    ],
    ...['', 'localhost', '1.2.3', '0x7f.0.0.1', '127.1', '2130706433'],
  ]) {
    it(`refuses ${address || 'nothing'}`, () => assert.equal(standard.permits(address), false));
  }

  for (const address of [
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.32.0.1',
    '192.169.0.1',
    '223.1.1.1',
  ]) {
    it(`permits ${address}`, () => assert.equal(standard.permits(address), true));
  }

  for (const address of ['2606:4700:4700::1111', '2a00:1450::1', '64:ff9b::8.8.8.8']) {
    it(`permits ${address}`, () => assert.equal(standard.permits(address), true));
  }

  it('permits what the configuration allows, in all forms of the address', () => {
    const rules = new AddressRules({ allow: ['127.0.0.0/8', 'fd00::/8'], deny: [] });
    assert.equal(rules.permits('127.0.0.1'), true);
    assert.equal(rules.permits('::ffff:127.0.0.1'), true);
    assert.equal(rules.permits('fd12::1'), true);
    assert.equal(rules.permits('::1'), false);
    assert.equal(rules.permits('10.0.0.1'), false);
  });

  it('refuses what the configuration denies, in all forms of the address', () => {
    const rules = new AddressRules({ allow: ['::/0'], deny: ['8.8.8.0/24', '2606:4700::/32'] });
    assert.equal(rules.permits('8.8.8.8'), false);
    assert.equal(rules.permits('8.8.9.8'), true);
    assert.equal(rules.permits('::ffff:8.8.8.8'), false);
    assert.equal(rules.permits('64:ff9b::808:808'), false);
    assert.equal(rules.permits('2606:4700::1'), false);
    assert.equal(rules.permits('::1'), true);
  });

  it('goes by the narrowest of the configured networks, and by the refusal of two that are the same', () => {
    const rules = new AddressRules({
      allow: ['10.0.0.0/8', '1.2.3.4', '9.9.9.9'],
      deny: ['10.1.0.0/16', '1.2.0.0/16', '9.9.9.9/32'],
    });
    assert.equal(rules.permits('10.2.0.1'), true);
    assert.equal(rules.permits('10.1.0.1'), false);
    assert.equal(rules.permits('1.2.3.4'), true);
    assert.equal(rules.permits('1.2.3.5'), false);
    assert.equal(rules.permits('9.9.9.9'), false);
  });

  it('permits everything if everything is allowed', () => {
    const rules = new AddressRules({ allow: ['0.0.0.0/0', '::/0'], deny: [] });
    for (const address of ['127.0.0.1', '::1', '10.0.0.1', 'fe80::1', '8.8.8.8']) assert.ok(rules.permits(address));
  });
});
