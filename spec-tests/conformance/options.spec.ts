import { strict as assert } from 'node:assert';
import { type AnyField, camelCase } from '../../src/config/fields.ts';
import { schema } from '../../src/config/schema.ts';
import { sourceFiles } from '../support/source-tree.ts';

/** Full names of the options, those in lists too. */
function* optionNames(fields: Readonly<Record<string, AnyField>>, prefix = ''): Generator<string> {
  for (const [name, field] of Object.entries(fields)) {
    const inner = field.shape === 'list' ? field.item : field;
    if (inner.shape === 'group') yield* optionNames(inner.fields, `${prefix}${name}.`);
    else yield prefix + name;
  }
}

describe('The options of homeserver.yaml', () => {
  it('are each read by something', () => {
    const text = sourceFiles('src')
      .filter(({ path }) => !/^src\/(config|live\/settings)\//.test(path))
      .map((file) => file.text)
      .join('\n');
    // Names within a rate limit are read through the name of its bucket.
    const names = [...optionNames(schema.fields)].map((name) => name.replace(/\.(per_second|burst)$/, ''));
    const unread = names.filter((name) => !new RegExp(`\\b${camelCase(name.split('.').at(-1) ?? '')}\\b`).test(text));
    assert.deepEqual([...new Set(unread)], []);
  });
});
