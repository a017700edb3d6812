import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { igchat } from '../../support/command-line.ts';
import { writeConfiguration } from '../../support/configuration-file.ts';
import { needs, redis } from '../../support/needs.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { TestClock } from '../../support/test-clock.ts';
import { LiveGateways } from './live-gateways.ts';

const SECRET = 'secret-of-the-gateways-of-the-tests';

describe('igchat live-gateway', function () {
  this.timeout(20_000);

  describe('without what it needs', () => {
    let folder = '';
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'igchat-gateway-'));
    });
    after(() => rmSync(folder, { recursive: true }));

    const run = async (yaml: string) => {
      const file = join(folder, 'homeserver.yaml');
      writeFileSync(file, `server_name: example.org\n${yaml}`);
      const { code, stderr } = await igchat(['live-gateway', '--config', file]);
      return { code, stderr: stderr.replaceAll(`${file}:`, '') };
    };

    it('says what is missing', async () => {
      const { code, stderr } = await run('');
      assert.equal(code, 78);
      assert.match(stderr, /^ redis\.url: expected the Redis of the server.*\n live\.gateway_secret: expected .*\n$/);
    });

    it('says where a secret is that could be guessed', async () => {
      const { code, stderr } = await run('live:\n  gateway_secret: hunter2\n');
      assert.equal(code, 78);
      assert.match(stderr, /^3:19: live\.gateway_secret: expected a text of 32 characters or more/);
      assert.doesNotMatch(stderr, /hunter2/);
    });
  });

  it('serves viewers, who go on elsewhere after a kill -9, and is forgotten then', async function () {
    const server = await RedisServer.start(needs(this, redis));
    const all = await LiveGateways.start(server, new TestClock(Date.now()));
    const children: ChildProcess[] = [];
    try {
      const file = writeConfiguration(all.live.server.engine, { ...all.options });
      const child = spawn(process.execPath, ['dist/src/main.js', 'live-gateway', '--config', file, '--port', '0']);
      children.push(child);
      const url = await listening(child);
      await all.until(() => all.linked === 1);
      const zed = await all.live.server.register('zed');
      const [viewer, chatter] = [await all.watch(url), await all.watch(url, zed)];
      const { id } = await chatter.say('hello');
      await viewer.until(({ messages }) => messages.includes(id));
      await all.until(async () => (await all.viewers()) === 2);
      const { epoch } = await viewer.frame('joined');
      const { q } = viewer.frames.findLast(({ op, ev }) => op === 't' && ev !== undefined)!;
      const { resume } = await chatter.frame('welcome');
      child.kill('SIGKILL');
      await all.until(async () => (await all.viewers()) === 0);
      const other = await all.gateway();
      const places = { subs: [{ ch: 'kai', epoch: epoch!, seq: q! }] };
      const [again, back] = [await other.watch(undefined, places), await other.watch(undefined, { resume: resume! })];
      assert.equal((await again.frame('joined'))['rec'], true);
      all.live.server.clock.advance(1000);
      const { id: later, op } = await back.say('again', 'again');
      assert.equal(op, 'ok');
      await again.until(({ messages }) => messages.includes(later));
      assert.deepEqual(
        again.entries('m').map((entry) => entry['id']),
        [later],
      );
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await all.stop();
      await server.remove();
    }
  });

  it('ends in order when it is asked to, having sent its viewers away', async function () {
    const server = await RedisServer.start(needs(this, redis));
    const all = await LiveGateways.start(server, new TestClock(Date.now()));
    const file = writeConfiguration(all.live.server.engine, { ...all.options });
    const child = spawn(process.execPath, ['dist/src/main.js', 'live-gateway', '--config', file, '--port', '0']);
    try {
      const url = await listening(child);
      await all.until(() => all.linked === 1);
      const viewer = await all.watch(url);
      assert.doesNotMatch(child.spawnargs.join(' '), new RegExp(SECRET));
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      assert.equal(code, 0);
      assert.equal(await viewer.closed(), 4010);
      assert.equal((await viewer.frame('bye'))['resume'], true);
    } finally {
      child.kill('SIGKILL');
      await all.stop();
      await server.remove();
    }
  });
});

/** Where the process says that it listens. */
async function listening({ stdout, stderr }: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: stdout! })) {
    const url = /listening on (http:\S+?)\.?$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(String(stderr?.read()));
}
