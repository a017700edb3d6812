import type { AnyField, Group } from './fields.ts';
import { nearestName } from './nearest-name.ts';
import type { Problem } from './problem.ts';
import { parseVariable, type Source } from './source.ts';

/** Variables with our prefix that are not options. */
const RESERVED = new Set(['IGCHAT_CONFIG']);

function* options(group: Group<unknown>, prefix = ''): Generator<[string, AnyField]> {
  for (const [name, field] of Object.entries(group.fields)) {
    if (field.shape === 'group' && !field.inline) yield* options(field, `${prefix}${name}.`);
    else yield [prefix + name, field];
  }
}

/** The variable that sets an option: `media.max_upload_size` → `IGCHAT_MEDIA_MAX_UPLOAD_SIZE`. */
export function variableOf(option: string): string {
  return `IGCHAT_${option.replaceAll('.', '_').toUpperCase()}`;
}

export interface Overrides {
  /** By the full name of the option. */
  readonly values: ReadonlyMap<string, Source>;
  readonly problems: readonly Problem[];
}

/** Reads the options that the environment sets. Values other than texts are written as in the file. */
export function readEnvironment(schema: Group<unknown>, env: Readonly<Record<string, string | undefined>>): Overrides {
  const known = new Map([...options(schema)].map(([option, field]) => [variableOf(option), { option, field }]));
  const values = new Map<string, Source>();
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('IGCHAT_') || text === undefined || RESERVED.has(name)) continue;
    const target = known.get(name);
    if (target !== undefined) {
      const literal = target.field.shape === 'scalar' && target.field.literal;
      values.set(target.option, parseVariable(name, text, literal));
    } else {
      const near = nearestName(name, known.keys());
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      problems.push({ at: `environment variable ${name}`, option: '', message: `is not an option${hint}` });
    }
  }
  return { values, problems };
}
