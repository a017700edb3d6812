import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Options, TestEngine } from './engines.ts';

/** Writes a `homeserver.yaml` for the command line that uses the test's database and folder. */
export function writeConfiguration(test: TestEngine, options: Options = {}, name = 'homeserver.yaml'): string {
  const file = join(test.folder, name);
  const { database, serverName } = test.config();
  const { engine, url } = database;
  const standard = {
    server_name: serverName,
    data_dir: test.folder,
    listeners: [{ port: 0 }],
    database: { engine, ...(url === undefined ? {} : { url }) },
    logging: { level: 'error' },
  };
  writeFileSync(file, JSON.stringify({ ...standard, ...options }));
  return file;
}
