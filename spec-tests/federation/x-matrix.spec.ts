import assert from 'node:assert/strict';
import { formatXMatrix, parseXMatrix } from '../../src/federation/signed-client/x-matrix.ts';
import type { KeyId } from '../../src/protocol/identifiers/key-id.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';

const FULL = { origin: 'a.example:8448', destination: 'b.example', key: 'ed25519:k_1', sig: 'AbC+/9' };
const { destination: _, ...OLD } = FULL;

describe('parseXMatrix', () => {
  for (const [what, header, expected] of [
    [
      'everything quoted',
      'X-Matrix origin="a.example:8448",destination="b.example",key="ed25519:k_1",sig="AbC+/9"',
      FULL,
    ],
    ['no destination', 'X-Matrix origin="a.example:8448",key="ed25519:k_1",sig="AbC+/9"', OLD],
    [
      'tokens without quotes',
      'X-Matrix origin="a.example:8448",destination=b.example,key="ed25519:k_1",sig="AbC+/9"',
      FULL,
    ],
    [
      'colons without quotes',
      'X-Matrix origin=a.example:8448,destination=b.example,key=ed25519:k_1,sig="AbC+/9"',
      FULL,
    ],
    ['nothing quoted', 'X-Matrix origin=a.example:8448,destination=b.example,key=ed25519:k_1,sig=AbC+/9', FULL],
    ['another order', 'X-Matrix sig="AbC+/9",key="ed25519:k_1",destination="b.example",origin="a.example:8448"', FULL],
    [
      'names in capitals',
      'X-MATRIX ORIGIN="a.example:8448",Destination="b.example",Key="ed25519:k_1",SIG="AbC+/9"',
      FULL,
    ],
    [
      'blanks',
      'X-Matrix   origin = "a.example:8448" ,\tdestination= b.example , key ="ed25519:k_1", sig="AbC+/9" ',
      FULL,
    ],
    ['empty elements', 'X-Matrix ,origin="a.example:8448",,key="ed25519:k_1", ,sig="AbC+/9",', OLD],
    ['escapes', 'X-Matrix origin="a\\.example:8448",key="ed25519\\:k_1",sig="Ab\\C+/9"', OLD],
    ['unknown names', 'X-Matrix origin="a.example:8448",key="ed25519:k_1",sig="AbC+/9",more="a,b=\\"c\\""', OLD],
  ] as const) {
    it(`reads ${what}`, () => assert.deepEqual(parseXMatrix(header), expected));
  }

  for (const [what, header] of [
    ['nothing', ''],
    ['another scheme', 'Bearer abc'],
    ['a scheme alone', 'X-Matrix '],
    ['no blank after the scheme', 'X-Matrixorigin=a.example,key="ed25519:k",sig="s"'],
    ['no origin', 'X-Matrix key="ed25519:k",sig="s"'],
    ['no key', 'X-Matrix origin=a.example,sig="s"'],
    ['no signature', 'X-Matrix origin=a.example,key="ed25519:k"'],
    ['an origin that is no server name', 'X-Matrix origin="a b",key="ed25519:k",sig="s"'],
    ['a destination that is no server name', 'X-Matrix origin=a.example,destination="",key="ed25519:k",sig="s"'],
    ['a key of another algorithm', 'X-Matrix origin=a.example,key="rsa:k",sig="s"'],
    ['an origin given twice', 'X-Matrix origin=a.example,origin=b.example,key="ed25519:k",sig="s"'],
    ['a quote that does not end', 'X-Matrix origin=a.example,key="ed25519:k",sig="s'],
    ['no comma between', 'X-Matrix origin=a.example key="ed25519:k" sig="s"'],
    ['a long list of nothing', `X-Matrix ${'",'.repeat(20_000)}`],
    ['a long value without end', `X-Matrix origin="${'\\'.repeat(40_001)}`],
  ] as const) {
    it(`refuses ${what}`, () => assert.equal(parseXMatrix(header), undefined));
  }

  it('reads what formatXMatrix writes', () => {
    const value = {
      origin: '[2001:db8::1]:8448' as ServerName,
      destination: 'b.example' as ServerName,
      key: 'ed25519:a' as KeyId,
      sig: 'x/+',
    };
    assert.deepEqual(parseXMatrix(formatXMatrix(value)), value);
  });
});
