import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Homeserver, launchHomeserver } from '../clients/support/launch.ts';
import { igchat } from '../support/command-line.ts';
import { curl, needs } from '../support/needs.ts';

const STANDARD = 'http://localhost:8008';

describe('The README', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;

  before(async () => {
    homeserver = await launchHomeserver();
  });
  after(() => homeserver?.remove());

  it('has a walk-through that works', async function () {
    needs(this, curl);
    const readme = readFileSync('README.md', 'utf8');
    const script = /<!-- walk-through.*-->\n```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    assert.ok(script.includes(STANDARD));
    const config = ['--config', `${homeserver.dataDir}/homeserver.yaml`];
    const made = await igchat(['create-user', 'alice', '--admin', ...config], { stdin: 'correct horse\n' });
    assert.equal(made.code, 0, made.stderr);
    const { stdout, stderr } = spawnSync('bash', ['-euc', script.replace(STANDARD, homeserver.baseUrl)], {
      encoding: 'utf8',
    });
    assert.match(stdout, /^\{"event_id":"\$[^"]+"\}\{.*"body":"Hello, world"/, stderr);
  });

  it('shows a live room in five lines', async function () {
    needs(this, curl);
    const config = ['--config', `${homeserver.dataDir}/homeserver.yaml`];
    const tokens: string[] = [];
    for (const user of ['kai', 'bob']) {
      const made = await igchat(['create-user', user, ...config], { stdin: 'correct horse\n' });
      assert.equal(made.code, 0, made.stderr);
      const body = JSON.stringify({
        type: 'm.login.password',
        password: 'correct horse',
        identifier: { type: 'm.id.user', user },
      });
      const answer = await fetch(`${homeserver.baseUrl}/_matrix/client/v3/login`, { method: 'POST', body });
      tokens.push(((await answer.json()) as { access_token: string }).access_token);
    }
    const script = /<!-- live:.*-->\n```sh\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
    assert.ok(script.includes(STANDARD));
    const { stdout, stderr } = spawnSync('bash', ['-euc', script.replace(STANDARD, homeserver.baseUrl)], {
      encoding: 'utf8',
      env: { ...process.env, token: tokens[0], other: tokens[1] },
    });
    assert.equal(stdout.match(/"event_id":/g)?.length, 2, stdout + stderr);
    const page = /watch in a browser: (\S+)/.exec(stdout)?.[1] ?? '';
    assert.match((await fetch(page)).headers.get('content-type') ?? '', /text\/html/);
    const standing = await fetch(page.replace('embed/kai', 'channels/kai/me'), {
      headers: { authorization: `Bearer ${tokens[1]}` },
    });
    assert.equal(((await standing.json()) as { why: string }).why, 'timed_out');
  });
});
