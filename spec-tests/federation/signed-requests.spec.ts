import assert from 'node:assert/strict';
import { contentText, requestText } from '../../src/federation/signed-client/request-text.ts';
import { signRequest } from '../../src/federation/signed-client/sign-request.ts';
import { uri, withQuery } from '../../src/federation/signed-client/uri.ts';
import { type ReceivedRequest, verifyRequest } from '../../src/federation/signed-client/verify-request.ts';
import { parseXMatrix, type XMatrix } from '../../src/federation/signed-client/x-matrix.ts';
import { canonicalJson } from '../../src/protocol/canonical-json/canonical-json.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';
import { verifyKeyFromBase64 } from '../../src/protocol/signing/verify-key.ts';

const key = signingKeyFromSeed(Buffer.alloc(32, 7), 'one');
const publicKey = verifyKeyFromBase64(key.publicKey)!;
const origin = 'a.example' as ServerName;
const destination = 'b.example' as ServerName;
const request = { method: 'PUT', uri: '/_matrix/federation/v1/send/1?a=%20b', origin, destination };

function signed(content?: string): XMatrix {
  return parseXMatrix(signRequest({ ...request, ...(content === undefined ? {} : { content }) }, key))!;
}

function received(body: string, changes: Partial<ReceivedRequest> = {}): ReceivedRequest {
  return { method: request.method, uri: request.uri, body: Buffer.from(body), ...changes };
}

describe('requestText', () => {
  it('is the canonical JSON of method, uri, origin, destination and content', () => {
    const content = { b: [1, 'é\n'], a: { 𝒳: null, ﬀ: true } };
    const text = requestText({ ...request, content: contentText(content) });
    assert.equal(text, canonicalJson({ ...request, content }));
    assert.equal(requestText(request), canonicalJson(request));
  });
});

describe('verifyRequest', () => {
  const content = contentText({ pdus: [{ depth: 1 }], origin });

  it('accepts what signRequest signs, with and without a body', () => {
    assert.ok(verifyRequest(received(content), signed(content), destination, publicKey));
    assert.ok(verifyRequest(received(''), signed(), destination, publicKey));
  });

  it('accepts the same body written in another way', () => {
    const body = `{ "pdus": [ {"depth": 1e0} ],\n "origin": "\\u0061.example" }`;
    assert.ok(verifyRequest(received(body), signed(content), destination, publicKey));
  });

  it('accepts numbers that other languages write in another way, if they are sent as they were signed', () => {
    for (const body of ['{"a":1.0}', '{"a":1e+20}', '{"a":12345678901234567890}', '{"a":-0}']) {
      assert.ok(verifyRequest(received(body), signed(body), destination, publicKey), body);
    }
  });

  it('refuses another method, target, body, destination, origin or signature', () => {
    const header = signed(content);
    const refused = (r: ReceivedRequest, x: XMatrix = header, to: string = destination) =>
      assert.equal(verifyRequest(r, x, to, publicKey), false);
    refused(received(content, { method: 'POST' }));
    refused(received(content, { uri: '/_matrix/federation/v1/send/1?a=+b' }));
    refused(received('{}'));
    refused(received(''));
    refused(received(content), header, 'c.example');
    refused(received(content), { ...header, origin: 'c.example' as ServerName });
    refused(received(content), { ...header, sig: signed('{}').sig });
    refused(received(content), { ...header, sig: 'not base64' });
    refused(received(content), header, destination.toUpperCase());
  });

  it('refuses bodies that are no JSON, whatever is signed', () => {
    for (const body of ['{', 'null,"x":1', '{"a":"\\ud800"}', '{}{}']) {
      assert.equal(verifyRequest(received(body), signed(body), destination, publicKey), false, body);
    }
  });
});

describe('uri', () => {
  it('encodes what varies and leaves the rest', () => {
    const eventId = '$a/b?c#d%+é';
    assert.equal(
      uri`/_matrix/federation/v1/event/${eventId}/x`,
      '/_matrix/federation/v1/event/%24a%2Fb%3Fc%23d%25%2B%C3%A9/x',
    );
    assert.equal(uri`/_matrix/key/v2/server`, '/_matrix/key/v2/server');
  });

  it('adds queries', () => {
    assert.equal(withQuery('/p', { a: ['1', '&2'], b: undefined, c: 3, d: true }), '/p?a=1&a=%262&c=3&d=true');
    assert.equal(withQuery('/p', { b: undefined }), '/p');
  });
});
