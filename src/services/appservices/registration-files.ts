import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type AppserviceRegistration, readRegistration } from './appservice-registration.ts';

export interface RegistrationPlaces {
  /** Paths of files. */
  readonly registrations: readonly string[];
  /** A folder whose files `*.yaml` are read too. */
  readonly folder: string | undefined;
}

/**
 * Reads the registrations of application services.
 * @throws Error that names the file and what is wrong with it
 */
export function readRegistrationFiles(places: RegistrationPlaces): AppserviceRegistration[] {
  const found = places.folder === undefined ? [] : filesIn(places.folder);
  const files = [...new Set([...places.registrations, ...found])];
  return files.map((file) => {
    try {
      return readRegistration(parse(readFileSync(file, 'utf8')));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The registration of an application service in ${file} is not right: ${reason}`, { cause });
    }
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
