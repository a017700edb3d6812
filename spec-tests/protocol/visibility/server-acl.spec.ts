import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { serverAclAllows } from '../../../src/protocol/visibility/server-acl.ts';

const CASES: [string, JsonObject | undefined, string, boolean][] = [
  ['everybody without an event', undefined, 'a.test', true],
  ['nobody without a list', {}, 'a.test', false],
  ['everybody by *', { allow: ['*'] }, 'a.test', true],
  ['nobody of the deny list, whatever is allowed', { allow: ['*'], deny: ['evil.com'] }, 'evil.com', false],
  ['nobody of the deny list by another port', { allow: ['*'], deny: ['evil.com'] }, 'evil.com:8448', false],
  ['who only looks like one of the deny list', { allow: ['*'], deny: ['evil.com'] }, 'notevil.com', true],
  ['nobody by a pattern of the deny list', { allow: ['*'], deny: ['*.evil.com'] }, 'a.evil.com', false],
  ['who does not match the pattern of the deny list', { allow: ['*'], deny: ['*.evil.com'] }, 'evil.com', true],
  ['nobody by a single wildcard', { allow: ['*'], deny: ['evil?.com'] }, 'evil1.com', false],
  ['names without regard to case', { allow: ['*'], deny: ['EVIL.com'] }, 'Evil.COM', false],
  ['only the allow list', { allow: ['good.com'] }, 'bad.com', false],
  ['the allow list, with any port', { allow: ['good.com'] }, 'good.com:443', true],
  ['IPv4 addresses by default', { allow: ['*'] }, '1.2.3.4', true],
  ['no IPv4 addresses if so said', { allow: ['*'], allow_ip_literals: false }, '1.2.3.4:80', false],
  ['no IPv6 addresses if so said', { allow: ['*'], allow_ip_literals: false }, '[2001:db8::1]:80', false],
  ['names, where addresses are denied', { allow: ['*'], allow_ip_literals: false }, 'a.test', true],
  ['addresses, where allow_ip_literals is no boolean', { allow: ['*'], allow_ip_literals: 'no' }, '1.2.3.4', true],
  ['no IPv6 address of the deny list', { allow: ['*'], deny: ['[2001:db8::1]'] }, '[2001:DB8::1]:80', false],
  ['nobody whose name is none', { allow: ['*'] }, 'not a name', false],
  ['by what is left of a list with other things in it', { allow: ['a.test', 5, null] }, 'a.test', true],
  ['nobody by a list that is none', { allow: 'a.test' }, 'a.test', false],
];

describe('server ACL', () => {
  for (const [title, content, server, allowed] of CASES) {
    it(`lets in ${title}`, () => assert.equal(serverAclAllows(content, server), allowed));
  }
});
