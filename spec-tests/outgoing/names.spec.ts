import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DnsNames } from '../../src/outgoing/dns-names.ts';
import { HostsFile, parseHosts } from '../../src/outgoing/hosts-file.ts';
import { NameResolver } from '../../src/outgoing/name-resolver.ts';
import { OutgoingError } from '../../src/outgoing/outgoing-error.ts';
import { SystemNames } from '../../src/outgoing/system-names.ts';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { TestClock } from '../support/test-clock.ts';
import { TestNames } from '../support/test-names.ts';

const failsWith = (kind: string) => (error: unknown) => error instanceof OutgoingError && error.kind === kind;

describe('DnsNames', () => {
  let server: DnsServer;
  let names: DnsNames;

  before(async () => {
    server = await startDnsServer(
      [
        { name: 'both.example', type: 'A', ttl: 300, data: '192.0.2.1' },
        { name: 'both.example', type: 'AAAA', ttl: 60, data: '2001:db8:0:0:0:0:0:1' },
        { name: 'four.example', type: 'A', ttl: 10, data: '192.0.2.2' },
        { name: '_matrix-fed._tcp.both.example', type: 'SRV', ttl: 60, data: [10, 5, 8449, 'four.example'] },
      ],
      ['failing.example', '_matrix-fed._tcp.failing.example'],
    );
    names = new DnsNames({ dnsTimeout: 2_000, servers: [server.at] });
  });
  after(() => server.close());

  it('finds addresses of both kinds, for as long as the first of them holds', async () => {
    assert.deepEqual(await names.addresses('both.example'), { values: ['2001:db8::1', '192.0.2.1'], ttlMs: 60_000 });
  });

  it('is content with one kind', async () => {
    assert.deepEqual(await names.addresses('four.example'), { values: ['192.0.2.2'], ttlMs: 10_000 });
  });

  it('finds services', async () => {
    const { values } = await names.services('_matrix-fed._tcp.both.example');
    assert.deepEqual(values, [{ name: 'four.example', port: 8449, priority: 10, weight: 5 }]);
  });

  it('tells what is not there from a server that fails', async () => {
    assert.deepEqual((await names.addresses('nowhere.example')).values, []);
    assert.deepEqual((await names.services('_matrix-fed._tcp.nowhere.example')).values, []);
    assert.deepEqual((await names.addresses(`${'a'.repeat(64)}.example`)).values, []);
    await assert.rejects(names.addresses('failing.example'), failsWith('name-failed'));
    await assert.rejects(names.services('_matrix-fed._tcp.failing.example'), failsWith('name-failed'));
  });

  it('says so where no name server answers', async () => {
    const nobody = await startDnsServer([]);
    nobody.close();
    const alone = new DnsNames({ dnsTimeout: 250, servers: [nobody.at] });
    await assert.rejects(alone.addresses('both.example'), failsWith('name-failed'));
  });
});

describe('HostsFile', () => {
  it('has the addresses of each name, whatever its case', () => {
    const hosts = parseHosts(
      '# comment\n127.0.0.1 localhost Host.Example # more\n\n::1\tlocalhost\nnot-an-address name\n',
    );
    assert.deepEqual(
      [...hosts],
      [
        ['localhost', ['127.0.0.1', '::1']],
        ['host.example', ['127.0.0.1']],
      ],
    );
  });

  it('is read again after a while, and may be absent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'igchat-hosts-'));
    const path = join(folder, 'hosts');
    const clock = new TestClock();
    const hosts = new HostsFile(path, clock);
    assert.equal(await hosts.addresses('a'), undefined);
    writeFileSync(path, '127.0.0.3 a\n');
    assert.equal(await hosts.addresses('a'), undefined);
    clock.advance(5_000);
    assert.deepEqual(await hosts.addresses('A'), ['127.0.0.3']);
    rmSync(folder, { recursive: true });
  });
});

describe('SystemNames', () => {
  it('asks the hosts file before the name servers, and the machine after them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'igchat-hosts-'));
    writeFileSync(join(folder, 'hosts'), '127.0.0.3 own.example\n');
    const servers = new TestNames().address('own.example', '192.0.2.1').address('dns.example', '192.0.2.2');
    const names = new SystemNames(new HostsFile(join(folder, 'hosts'), new TestClock()), servers);
    assert.deepEqual((await names.addresses('own.example')).values, ['127.0.0.3']);
    assert.deepEqual((await names.addresses('dns.example')).values, ['192.0.2.2']);
    assert.ok((await names.addresses('localhost')).values.some((a) => a === '127.0.0.1' || a === '::1'));
    rmSync(folder, { recursive: true });
  });
});

describe('NameResolver', () => {
  const clock = new TestClock();
  const make = (maxEntries = 100) => {
    const names = new TestNames().address('a.example', '192.0.2.1').fails('failing.example');
    return { names, resolver: new NameResolver(names, { maxEntries, clock }) };
  };

  it('asks once for as long as the answer holds, whatever the case of the name', async () => {
    const { names, resolver } = make();
    await Promise.all([resolver.addresses('a.example'), resolver.addresses('A.Example')]);
    clock.advance(59_999);
    await resolver.addresses('a.example');
    assert.deepEqual(names.asked, ['a.example']);
    clock.advance(1);
    await resolver.addresses('a.example');
    assert.deepEqual(names.asked, ['a.example', 'a.example']);
  });

  it('keeps no answer for longer than an hour, nor for less than five seconds', async () => {
    const { names, resolver } = make();
    names.ttlMs = 86_400_000;
    await resolver.addresses('a.example');
    clock.advance(3_600_000);
    names.ttlMs = 0;
    await resolver.addresses('a.example');
    clock.advance(4_999);
    await resolver.addresses('a.example');
    assert.equal(names.asked.length, 2);
  });

  it('remembers names that do not exist and name servers that fail', async () => {
    const { names, resolver } = make();
    for (let i = 0; i < 2; i++) {
      await assert.rejects(resolver.addresses('nowhere.example'), failsWith('name-not-found'));
      await assert.rejects(resolver.addresses('failing.example'), failsWith('name-failed'));
      assert.deepEqual(await resolver.services('_x._tcp.nowhere.example'), []);
    }
    assert.equal(names.asked.length, 3);
    clock.advance(5_000);
    await assert.rejects(resolver.addresses('failing.example'), failsWith('name-failed'));
    assert.equal(names.asked.length, 4);
  });

  it('remembers a bounded number of names', async () => {
    const { names, resolver } = make(1);
    names.address('b.example', '192.0.2.2');
    for (const name of ['a.example', 'b.example', 'a.example']) await resolver.addresses(name);
    assert.equal(names.asked.length, 3);
  });
});
