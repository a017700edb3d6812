import assert from 'node:assert/strict';
import {
  decodeBase64,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Url,
  toUrlSafe,
} from '../../../src/protocol/signing/base64.ts';

describe('unpadded base64', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    it(`writes and reads ${JSON.stringify(text)} as the specification does`, () => {
      assert.equal(encodeBase64(Buffer.from(text)), encoded);
      assert.equal(decodeBase64(encoded)?.toString(), text);
    });
  }

  it('reads padding too', () => {
    assert.equal(decodeBase64('Zg==')?.toString(), 'f');
    assert.equal(decodeBase64Url('Zm8=')?.toString(), 'fo');
  });

  it('keeps its two alphabets apart', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xbf);
    assert.equal(encodeBase64(bytes), '+/+/');
    assert.equal(encodeBase64Url(bytes), '-_-_');
    assert.equal(toUrlSafe('+/+/'), '-_-_');
    assert.deepEqual(decodeBase64Url('-_-_'), Buffer.from(bytes));
    assert.equal(decodeBase64('-_-_'), undefined);
    assert.equal(decodeBase64Url('+/+/'), undefined);
  });

  for (const text of ['Z', 'Zg===', 'Z g', 'Zg\n', 'Zm9v*', '=Zg']) {
    it(`does not read ${JSON.stringify(text)}`, () => assert.equal(decodeBase64(text), undefined));
  }
});
