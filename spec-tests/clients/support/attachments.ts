import { createHash, randomBytes, webcrypto } from 'node:crypto';
import type { MatrixClient } from 'matrix-js-sdk';

const { subtle } = webcrypto;
const COUNTER_BITS = 64;

/** `EncryptedFile` of https://spec.matrix.org/v1.19/client-server-api/#sending-encrypted-attachments */
export interface EncryptedFile {
  url: string;
  key: { kty: 'oct'; key_ops: string[]; alg: 'A256CTR'; k: string; ext: true };
  iv: string;
  hashes: { sha256: string };
  v: 'v2';
}

/** Encrypts the bytes as clients do, uploads them, and gives what the event has to say of them. */
export async function uploadEncrypted(client: MatrixClient, plain: Uint8Array<ArrayBuffer>): Promise<EncryptedFile> {
  const key = await subtle.generateKey({ name: 'AES-CTR', length: 256 }, true, ['encrypt', 'decrypt']);
  // The lower half of the counter starts at zero, so that it cannot overflow.
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
  const cipher = Buffer.from(await subtle.encrypt({ name: 'AES-CTR', counter: iv, length: COUNTER_BITS }, key, plain));
  const { content_uri: url } = await client.uploadContent(cipher, {
    type: 'application/octet-stream',
    includeFilename: false,
  });
  const k = (await subtle.exportKey('jwk', key)).k;
  if (k === undefined) throw new Error('the key has no bytes');
  return {
    url,
    key: { kty: 'oct', key_ops: ['encrypt', 'decrypt'], alg: 'A256CTR', k, ext: true },
    iv: unpadded(iv),
    hashes: { sha256: unpadded(createHash('sha256').update(cipher).digest()) },
    v: 'v2',
  };
}

/** Downloads with the token of the client, checks the hash, and decrypts. */
export async function downloadEncrypted(client: MatrixClient, file: EncryptedFile): Promise<Uint8Array> {
  const cipher = await download(client, file.url);
  if (unpadded(createHash('sha256').update(cipher).digest()) !== file.hashes.sha256) {
    throw new Error('the server gave other bytes than were uploaded');
  }
  const key = await subtle.importKey('jwk', file.key, 'AES-CTR', false, ['decrypt']);
  const counter = Buffer.from(file.iv, 'base64');
  return Buffer.from(await subtle.decrypt({ name: 'AES-CTR', counter, length: COUNTER_BITS }, key, cipher));
}

/** The bytes of `GET /_matrix/client/v1/media/download`, with the access token in the header. */
export async function download(client: MatrixClient, mxc: string): Promise<Buffer<ArrayBuffer>> {
  const url = client.mxcUrlToHttp(mxc, undefined, undefined, undefined, false, true, true);
  if (url === null) throw new Error(`${mxc} is no address of media`);
  const response = await fetch(url, { headers: { Authorization: `Bearer ${client.getAccessToken()}` } });
  if (response.status !== 200) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
