import assert from 'node:assert/strict';
import { ERRORS } from '../../src/protocol/error-catalogue.ts';
import { sourceFiles } from '../support/source-tree.ts';

const files = sourceFiles('src').filter(({ path }) => path !== 'src/protocol/error-catalogue.ts');

/** Where errcodes that other servers sent are read. */
const READS_ERRCODES = /^src\/(federation|outgoing|live\/client)\//;

describe('error catalogue', () => {
  it('has every errcode that occurs in the code', () => {
    const unknown = files.flatMap(({ path, text }) =>
      [...text.matchAll(/['"](M_[A-Z_]+)['"]/g)].flatMap(([, code = '']) =>
        code in ERRORS ? [] : [`${path}: ${code}`],
      ),
    );
    assert.deepEqual(unknown, []);
  });

  it('is the only place where error bodies are shaped', () => {
    const byHand = files.filter(
      ({ path, text }) =>
        /\berrcode:\s*['"]/.test(text) && path !== 'src/protocol/errors.ts' && !READS_ERRCODES.test(path),
    );
    assert.deepEqual(
      byHand.map(({ path }) => path),
      [],
    );
  });
});
