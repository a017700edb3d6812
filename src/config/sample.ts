import { stringify } from 'yaml';
import type { AnyField, Group } from './fields.ts';
import { schema } from './schema.ts';

const WIDTH = 110;

function wrapped(comment: string, indent: string): string[] {
  const lines: string[] = [];
  for (const paragraph of comment.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + word.length + 1 > WIDTH) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.filter((line) => line !== '').map((line) => `${indent}# ${line}`);
}

/** `name: value` lines; mappings and lists of scalars are written on one line. */
function assignment(name: string, value: unknown): string[] {
  const flat = (v: unknown): string =>
    stringify(v, { collectionStyle: 'flow', lineWidth: 0, defaultStringType: 'PLAIN' }).trim();
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return [`${name}:`, ...value.map((item) => `  - ${flat(item)}`)];
  }
  return [`${name}: ${flat(value)}`];
}

function shownValue(field: AnyField): unknown {
  if (field.shape === 'group') {
    return Object.fromEntries(Object.entries(field.fields).map(([name, inner]) => [name, shownValue(inner)]));
  }
  if (field.shape === 'list') return field.default.length > 0 ? field.default : [];
  return field.default ?? (field.inDataDir === undefined ? field.example : `data/${field.inDataDir}`);
}

function optionLines(name: string, field: AnyField, indent: string, set: unknown): string[] {
  const lines = wrapped(field.comment, indent);
  if (field.shape === 'list' && field.item.shape === 'group') lines.push(...itemLines(field.item, indent));
  if (field.secret) lines.push(...wrapped(`Or ${name}_file: a file that contains it.`, indent));
  const mark = set === undefined ? '#' : '';
  lines.push(...assignment(name, set ?? shownValue(field)).map((line) => indent + mark + line));
  return lines;
}

/** What an item of a list can hold, in words: it is shown nowhere else. */
function itemLines(item: Group<unknown>, indent: string): string[] {
  const lines = wrapped('Each of them has:', indent);
  for (const [name, field] of Object.entries(item.fields)) {
    const shown = field.shape === 'list' && field.default.length === 0 ? undefined : standardOf(field);
    const comment = field.comment.replaceAll('\n', ' ');
    const text = wrapped(`${name}${shown === undefined ? '' : ` (${shown})`}: ${comment}`, '');
    lines.push(...text.map((line, index) => `${indent}#   ${index === 0 ? '' : '  '}${line.slice(2)}`));
  }
  return lines;
}

/** The default of a field as it would be written, or whether it can be left out. */
function standardOf(field: AnyField): string | undefined {
  if (field.shape === 'group') return undefined;
  if (field.default !== undefined)
    return Array.isArray(field.default) ? field.default.join(', ') : String(field.default);
  return field.shape === 'scalar' && field.presence === 'optional' ? 'if wanted' : undefined;
}

function section(name: string, group: Group<unknown>, set: ReadonlyMap<string, unknown>): string[] {
  const lines = [...wrapped(group.comment, ''), `${name}:`];
  for (const [option, field] of Object.entries(group.fields)) {
    lines.push(...optionLines(option, field, '  ', set.get(`${name}.${option}`)));
  }
  return lines;
}

const HEADER = `# Configuration of an iGChat homeserver.
#
# Options that are commented out show their default, or an example where there is none. Durations and sizes carry
# their unit: 30s, 24h, 50MB (1 KB is 1,024 bytes). A value can take secrets from the environment, as \${NAME}, and
# every option can be set by a variable: media.max_upload_size by IGCHAT_MEDIA_MAX_UPLOAD_SIZE.
# After a change, \`igchat check-config\` says what is wrong, and a restart makes it effective.
`;

/** The values of the `homeserver.yaml` that is checked in. */
export const LOCAL: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['server_name', 'localhost'],
  ['public_base_url', 'http://localhost:8008'],
  ['data_dir', 'data'],
  ['listeners', [{ bind: '127.0.0.1', port: 8008 }]],
]);

/**
 * The text of a `homeserver.yaml` with every option and its comment.
 *
 * @param set values by the full name of the option; the others are commented out.
 */
export function sampleConfig(set: ReadonlyMap<string, unknown> = LOCAL): string {
  const parts = [HEADER.split('\n').slice(0, -1)];
  for (const [name, field] of Object.entries(schema.fields)) {
    parts.push(field.shape === 'group' ? section(name, field, set) : optionLines(name, field, '', set.get(name)));
  }
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
