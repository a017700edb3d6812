import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs, type Tool } from './needs.ts';

export const openssl: Tool = {
  name: 'openssl',
  install: 'apt-get install openssl',
  find: () => {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' });
      return 'openssl';
    } catch {
      return undefined;
    }
  },
};

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test, in a folder of its own. */
export interface TestCa {
  /** PEM file of the authority's certificate. */
  readonly file: string;
  /** A certificate for names and IP addresses. */
  issue(...names: readonly string[]): Certificate;
  remove(): void;
}

/** Skips the suite where openssl is missing. Removed by {@link TestCa.remove}. */
export function makeCa(context: Mocha.Context): TestCa {
  const command = needs(context, openssl);
  const folder = mkdtempSync(join(tmpdir(), 'igchat-ca-'));
  const at = (name: string) => join(folder, name);
  const run = (...args: readonly string[]) => execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Authority of a test',
  );
  let issued = 0;
  return {
    file: at('ca.pem'),
    issue(...names) {
      issued += 1;
      const leaf = `leaf${issued}`;
      const alternatives = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',');
      writeFileSync(at(`${leaf}.ext`), `subjectAltName=${alternatives}\n`);
      run('req', ...newKey, '-keyout', `${leaf}.key`, '-out', `${leaf}.csr`, '-subj', '/CN=leaf');
      const signed = ['-in', `${leaf}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30'];
      run('x509', '-req', ...signed, '-extfile', `${leaf}.ext`, '-out', `${leaf}.pem`);
      return { cert: readFileSync(at(`${leaf}.pem`), 'utf8'), key: readFileSync(at(`${leaf}.key`), 'utf8') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
