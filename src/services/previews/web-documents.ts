import type { OpenAnswer } from '../../outgoing/answer.ts';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { forbidden } from '../../protocol/errors.ts';
import { cleanMediaType } from '../media/inline-types.ts';
import type { PreviewRules } from './preview-rules.ts';

/** Something on the web that is coming. Whoever gets it reads the body to its end or destroys it. */
export interface WebDocument {
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly contentType: string;
  readonly answer: OpenAnswer;
}

export interface WebDocumentSettings {
  readonly timeout: number;
  readonly languages: string;
}

const MAX_REDIRECTS = 5;

/** Fetches what the rules permit, and nothing that is not reachable for everybody. */
export class WebDocuments {
  readonly #client: OutgoingClient;
  readonly #rules: PreviewRules;
  readonly #settings: WebDocumentSettings;

  constructor(client: OutgoingClient, rules: PreviewRules, settings: WebDocumentSettings) {
    this.#client = client;
    this.#rules = rules;
    this.#settings = settings;
  }

  /**
   * Undefined if there is none, by its status.
   * @param maxBytes of the whole of it; without a limit, for those who read only the beginning
   * @throws 403 `M_FORBIDDEN` where the rules do not permit it; OutgoingError
   */
  async open(url: URL, accept: string, maxBytes = Number.MAX_SAFE_INTEGER): Promise<WebDocument | undefined> {
    this.#demandPermitted(url);
    const answer = await this.#client.open({
      url: url.href,
      purpose: 'preview',
      timeoutMs: this.#settings.timeout,
      maxBytes,
      allowPlainHttp: true,
      maxRedirects: MAX_REDIRECTS,
      headers: { accept, 'accept-language': this.#settings.languages },
    });
    try {
      const at = new URL(answer.url ?? url.href);
      this.#demandPermitted(at);
      if (answer.status === 200) return { url: at, contentType: cleanMediaType(answer.header('content-type')), answer };
    } catch (error) {
      giveUp(answer);
      throw error;
    }
    giveUp(answer);
    return undefined;
  }

  #demandPermitted(url: URL): void {
    if (!this.#rules.permits(url)) throw forbidden('There are no previews of this address');
  }
}

/** The beginning of a document. */
export async function readBeginning({ answer }: WebDocument, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop destroys the body, and so the connection.
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

export function giveUp(answer: OpenAnswer): void {
  answer.body.on('error', () => undefined).destroy();
}
