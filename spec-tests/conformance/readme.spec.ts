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
});
