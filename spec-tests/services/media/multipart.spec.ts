import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileNameIn } from '../../../src/services/media/file-name.ts';
import { boundaryOf, MultipartError, MultipartReader, multipartBody } from '../../../src/services/media/multipart.ts';

/** The same bytes in pieces of a length. */
function inPieces(bytes: Buffer, length: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
  return Readable.from(pieces);
}

async function partsOf(body: Readable, boundary: string): Promise<[Record<string, string>, Buffer][]> {
  const reader = new MultipartReader(body, boundary);
  const parts: [Record<string, string>, Buffer][] = [];
  for (let headers = await reader.next(); headers !== undefined; headers = await reader.next()) {
    parts.push([Object.fromEntries(headers), await buffer(Readable.from(reader.content()))]);
  }
  return parts;
}

describe('A multipart body', () => {
  const file = Buffer.from('a\r\n--b\r\n\r\n--boundar\r\n-\0\xff', 'latin1');

  for (const length of [1, 2, 3, 7, 50, 10_000]) {
    it(`is read as it was written, in pieces of ${length} bytes`, async () => {
      const body = await buffer(multipartBody('boundary', { 'Content-Type': 'a/b' }, Readable.from([file])));
      assert.deepEqual(await partsOf(inPieces(body, length), 'boundary'), [
        [{ 'content-type': 'application/json' }, Buffer.from('{}')],
        [{ 'content-type': 'a/b' }, file],
      ]);
    });
  }

  it('may begin with something else, have blanks after boundaries and parts without headers', async () => {
    const body = Buffer.from('preamble\r\n--b  \r\n\r\n{}\r\n--b\r\nA: 1\r\nb :2\r\n\r\n\r\n--b--\r\nepilogue');
    assert.deepEqual(await partsOf(inPieces(body, 5), 'b'), [
      [{}, Buffer.from('{}')],
      [{ a: '1', b: '2' }, Buffer.alloc(0)],
    ]);
  });

  for (const [what, text] of [
    ['has no end', '--b\r\n\r\nabc'],
    ['has no boundary', 'abc'],
    ['ends in its headers', '--b\r\nA: 1\r\n'],
    ['has endless headers', `--b\r\n${'A: 1\r\n'.repeat(10_000)}\r\n\r\n--b--`],
    ['has an endless line', `--b\r\nA: ${'x'.repeat(100_000)}\r\n\r\n--b--`],
    ['has endless text before the first part', 'x'.repeat(100_000)],
  ] as const) {
    it(`is refused if it ${what}`, () =>
      assert.rejects(partsOf(inPieces(Buffer.from(text), 100), 'b'), MultipartError));
  }

  it('names its boundary in its media type', () => {
    assert.equal(boundaryOf('multipart/mixed; boundary=abc'), 'abc');
    assert.equal(boundaryOf('Multipart/Mixed;charset=x; Boundary="a b"'), 'a b');
    for (const type of [undefined, '', 'text/plain; boundary=a', 'multipart/mixed', 'multipart/mixed; boundary=']) {
      assert.equal(boundaryOf(type), undefined);
    }
  });
});

describe('fileNameIn', () => {
  for (const [disposition, name] of [
    ['attachment; filename="a b.txt"', 'a b.txt'],
    ['inline; filename=a.txt', 'a.txt'],
    ['attachment; filename="a\\"b"', 'a"b'],
    ["attachment; filename=plain; filename*=utf-8''%e2%82%ac.txt", '€.txt'],
    ["attachment; filename=plain; filename*=utf-8''%ff", 'plain'],
    ['attachment; filename=""', undefined],
    ['attachment', undefined],
    [undefined, undefined],
  ] as const) {
    it(`finds ${name} in ${disposition}`, () => assert.equal(fileNameIn(disposition), name));
  }
});
