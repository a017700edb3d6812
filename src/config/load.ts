import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { isMap, type Node } from 'yaml';
import { readEnvironment } from './environment.ts';
import { reason } from './file-errors.ts';
import { ConfigError, type Problem } from './problem.ts';
import { type Reading, readField, WRONG } from './read-value.ts';
import { type Config, schema } from './schema.ts';
import { entries, parseFile, type Source } from './source.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The file's name as people would type it. */
function shownName(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}

/**
 * Loads `homeserver.yaml`, with `IGCHAT_…` variables of the environment over it.
 *
 * @throws ConfigError with every problem, each with file, line and column.
 */
export function loadConfig(file: string, env: Environment = process.env): Config {
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([{ at: shownName(path), option: '', message: `cannot be read: ${reason(error)}` }]);
  }
  return parseConfig(text, { name: shownName(path), configDir: dirname(path), env });
}

/** As {@link loadConfig}, of a text: `name` stands for the file in messages. */
export function parseConfig(
  text: string,
  about: { readonly name: string; readonly configDir: string; readonly env?: Environment },
): Config {
  const source = parseFile(about.name, text);
  if (source.problems.length > 0) throw new ConfigError(source.problems);
  const env = about.env ?? {};
  const overrides = readEnvironment(schema, env);
  const problems: Problem[] = [...overrides.problems];
  const where = { configDir: about.configDir, dataDir: '' };
  const dataDir = readDataDir(source, { env, where, overrides: overrides.values, problems: [] });
  const reading: Reading = { env, where: { ...where, dataDir }, overrides: overrides.values, problems };
  const value = readField(schema, source.root, { source, option: '', parent: null }, reading);
  if (problems.length > 0 || value === WRONG) throw new ConfigError(inOrder(problems));
  return withDerived(value as Config);
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.at.localeCompare(b.at, 'en', { numeric: true }));
}

/** `data_dir` is read before everything else, for the defaults of other paths lie in it. */
function readDataDir(source: Source, reading: Reading): string {
  const override = reading.overrides.get('data_dir');
  const inFile = isMap(source.root) ? entries(source.root).find(({ key }) => key === 'data_dir') : undefined;
  const node: Node | null = override === undefined ? (inFile?.value ?? null) : override.root;
  const value = readField(schema.fields.data_dir, node, { source, option: 'data_dir', parent: null }, reading);
  return typeof value === 'string' ? value : reading.where.configDir;
}

function withDerived(value: Config): Config {
  const publicBaseUrl: string | undefined = value.publicBaseUrl;
  return { ...value, publicBaseUrl: publicBaseUrl ?? `https://${value.serverName}` };
}
