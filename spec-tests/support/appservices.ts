import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { migratedEngine, type Options } from './engines.ts';
import { startTestHomeserver, type TestHomeserver } from './test-homeserver.ts';

/** What a registration file says that a test does not leave to {@link startWithAppservices}. */
export interface Registration {
  readonly id: string;
  /** Where it is told of what happens; `null` is told of nothing. */
  readonly url: string | null;
  readonly sender_localpart?: string;
  readonly namespaces?: Readonly<Partial<Record<'users' | 'aliases' | 'rooms', readonly object[]>>>;
  readonly [field: string]: unknown;
}

/** A homeserver with these application services, whose tokens are their ids with `-as` and `-hs` unless they say otherwise. */
export async function startWithAppservices(
  registrations: readonly Registration[],
  { appservices, ...options }: Options & { readonly appservices?: object } = {},
): Promise<TestHomeserver> {
  const database = await migratedEngine();
  const folder = join(database.folder, 'appservices');
  mkdirSync(folder);
  for (const [n, registration] of registrations.entries()) {
    const { id, namespaces } = registration;
    const standard = { as_token: `${id}-as`, hs_token: `${id}-hs`, sender_localpart: id };
    const whole = { ...standard, ...registration, namespaces: { users: [], aliases: [], rooms: [], ...namespaces } };
    writeFileSync(join(folder, `${n}.yaml`), stringify(whole));
  }
  return startTestHomeserver({ ...options, appservices: { folder, ...appservices } }, database);
}
