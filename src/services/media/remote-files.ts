import { Readable } from 'node:stream';
import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../federation/signed-client/remote-error.ts';
import { uri, withQuery } from '../../federation/signed-client/uri.ts';
import type { OpenAnswer } from '../../outgoing/answer.ts';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { MatrixError, notFound, notYetUploaded, unknown } from '../../protocol/errors.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { fileNameIn } from './file-name.ts';
import { cleanMediaType } from './inline-types.ts';
import { boundaryOf, MultipartError, MultipartReader, type PartHeaders } from './multipart.ts';

export interface RemoteFileSettings {
  /** Bytes. */
  readonly remoteMaxSize: number;
  /** For all of a file, in milliseconds. */
  readonly remoteTimeout: number;
}

/** A file of another server that is coming. Whoever gets it reads the bytes to their end or destroys them. */
export interface ComingFile {
  readonly contentType: string;
  readonly fileName: string | undefined;
  readonly bytes: Readable;
}

/** How long a server may wait for a file that is not uploaded yet. */
const UPLOAD_WAIT_MS = 20_000;
/** What multipart adds to a file. */
const MULTIPART_BYTES = 64 * 1024;
const MAX_REDIRECTS = 3;
/** Servers from before authenticated media (2024) do not know its path, and say so in one of these ways. */
const UNKNOWN_PATH: ReadonlySet<number> = new Set([400, 404, 405, 501]);

/** Fetches files of other servers. */
export class RemoteFiles {
  private readonly client: FederationClient;
  private readonly outgoing: OutgoingClient;
  private readonly settings: RemoteFileSettings;

  constructor(client: FederationClient, outgoing: OutgoingClient, settings: RemoteFileSettings) {
    this.client = client;
    this.outgoing = outgoing;
    this.settings = settings;
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1mediadownloadmediaid
   * @throws 404 `M_NOT_FOUND`, 504 `M_NOT_YET_UPLOADED`, 502 `M_TOO_LARGE` or `M_UNKNOWN`; so do the bytes
   */
  async download(server: ServerName, mediaId: string): Promise<ComingFile> {
    try {
      const file = await this.ask(server, mediaId);
      return { ...file, bytes: Readable.from(mapped(file.bytes), { objectMode: false }) };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private async ask(server: ServerName, mediaId: string): Promise<ComingFile> {
    const path = uri`/_matrix/federation/v1/media/download/${mediaId}`;
    try {
      return await this.ofParts(await this.open(server, withQuery(path, { timeout_ms: UPLOAD_WAIT_MS }), true));
    } catch (error) {
      if (!(error instanceof RemoteError && UNKNOWN_PATH.has(error.status))) throw error;
      const legacy = uri`/_matrix/media/v3/download/${server}/${mediaId}`;
      const query = { allow_remote: false, timeout_ms: UPLOAD_WAIT_MS };
      return whole(await this.open(server, withQuery(legacy, query), false));
    }
  }

  private open(destination: ServerName, target: string, signed: boolean): Promise<OpenAnswer> {
    const { remoteTimeout: timeoutMs, remoteMaxSize } = this.settings;
    const maxBytes = remoteMaxSize + MULTIPART_BYTES;
    return this.client.open({ destination, method: 'GET', uri: target, signed, timeoutMs, maxBytes });
  }

  /** The file in an answer of several parts, of which the first is an object that means nothing yet. */
  private async ofParts(answer: OpenAnswer): Promise<ComingFile> {
    try {
      const boundary = boundaryOf(answer.header('content-type'));
      if (boundary === undefined) throw new MultipartError('the answer is not multipart');
      const reader = new MultipartReader(answer.body, boundary);
      if ((await reader.next()) === undefined) throw new MultipartError('there is no part');
      await skip(reader);
      const headers = await reader.next();
      if (headers === undefined) throw new MultipartError('there is no second part');
      const location = headers.get('location');
      if (location === undefined) return fileOf(headers, Readable.from(closing(answer.body, reader.content())));
      answer.body.on('error', () => undefined).destroy();
      return await this.elsewhere(location);
    } catch (error) {
      answer.body.on('error', () => undefined).destroy();
      throw error;
    }
  }

  /** A file that its server keeps elsewhere on the web. */
  private async elsewhere(url: string): Promise<ComingFile> {
    const { remoteTimeout: timeoutMs, remoteMaxSize: maxBytes } = this.settings;
    const purpose = 'media';
    const answer = await this.outgoing.open({ url, purpose, timeoutMs, maxBytes, maxRedirects: MAX_REDIRECTS });
    if (answer.status === 200) return whole(answer);
    answer.body.on('error', () => undefined).destroy();
    throw new RemoteError(new URL(url).hostname, answer.status);
  }
}

async function skip(reader: MultipartReader): Promise<void> {
  let bytes = 0;
  for await (const chunk of reader.content()) {
    bytes += chunk.length;
    if (bytes > MULTIPART_BYTES) throw new MultipartError('the first part is too large');
  }
}

function whole(answer: OpenAnswer): ComingFile {
  return {
    contentType: cleanMediaType(answer.header('content-type')),
    fileName: fileNameIn(answer.header('content-disposition')),
    bytes: answer.body,
  };
}

function fileOf(headers: PartHeaders, bytes: Readable): ComingFile {
  return {
    contentType: cleanMediaType(headers.get('content-type')),
    fileName: fileNameIn(headers.get('content-disposition')),
    bytes,
  };
}

/** What `content` yields; the body that it comes from is given up with it. */
async function* closing(body: Readable, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } finally {
    body.on('error', () => undefined).destroy();
  }
}

/** The same bytes, which fail with what the client is told. */
async function* mapped(bytes: Readable): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof RemoteError && error.status === 404) return notFound('There is no such file');
  if (error instanceof RemoteError && error.status === 504) return notYetUploaded();
  if (error instanceof OutgoingError && error.kind === 'too-large') {
    return new MatrixError('M_TOO_LARGE', 'The file is too large', { status: 502, cause: error });
  }
  if (error instanceof RemoteError || error instanceof OutgoingError || error instanceof MultipartError) {
    return unknown('The file could not be fetched from its server', { status: 502, cause: error });
  }
  return error;
}
