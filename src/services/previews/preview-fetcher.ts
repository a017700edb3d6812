import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { MatrixError } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import { imageSize } from '../media/make-thumbnail.ts';
import type { Uploads } from '../media/uploads.ts';
import { decodePage } from './decode-page.ts';
import { pagePreview } from './page-preview.ts';
import { readPage } from './read-page.ts';
import { giveUp, readBeginning, type WebDocument, type WebDocuments } from './web-documents.ts';

export interface PreviewFetcherParts {
  readonly documents: WebDocuments;
  readonly uploads: Pick<Uploads, 'upload'>;
  readonly logger: Logger;
  readonly settings: { readonly maxPageSize: number; readonly maxImageSize: number };
}

/** What is told of an address, and its picture among the files of this server. */
export interface FetchedPreview {
  readonly preview: JsonObject;
  readonly mediaId: string | undefined;
}

const PAGE = 'text/html, application/xhtml+xml, image/*;q=0.8, */*;q=0.1';
const IMAGE = /^image\/(?:jpeg|png|gif|webp|avif|apng)\b/i;
const MARKUP = /^(?:text\/html|application\/xhtml\+xml|application\/xml|text\/xml)\b/i;
const MAX_EMBED_BYTES = 65_536;

/** Fetches pages and their pictures, and says what they are about. */
export class PreviewFetcher {
  readonly #parts: PreviewFetcherParts;

  constructor(parts: PreviewFetcherParts) {
    this.#parts = parts;
  }

  /** Empty if nothing can be said. @throws OutgoingError; M_FORBIDDEN for what is not to be fetched */
  async previewOf(userId: string, url: URL): Promise<FetchedPreview> {
    const document = await this.#parts.documents.open(url, PAGE);
    if (document === undefined) return { preview: {}, mediaId: undefined };
    if (IMAGE.test(document.contentType)) return this.#withImage(userId, {}, document);
    if (!MARKUP.test(document.contentType)) {
      giveUp(document.answer);
      return { preview: {}, mediaId: undefined };
    }
    const bytes = await readBeginning(document, this.#parts.settings.maxPageSize);
    const facts = readPage(decodePage(bytes, document.answer.header('content-type')));
    const base = addressIn(facts.base, document.url) ?? document.url;
    const embed = await this.#embed(addressIn(facts.oEmbed, base));
    const { properties, image } = pagePreview(facts, embed);
    const told = Object.fromEntries(properties);
    const picture = await this.#picture(addressIn(image, base));
    return picture ? this.#withImage(userId, told, picture) : { preview: told, mediaId: undefined };
  }

  /** A page is previewed without what cannot be fetched of it. */
  async #orNothing<T>(what: string, obtain: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await obtain();
    } catch (error) {
      if (!(error instanceof OutgoingError || error instanceof MatrixError || error instanceof SyntaxError))
        throw error;
      this.#parts.logger.debug({ reason: error.message }, `the ${what} of a page is left out of its preview`);
      return undefined;
    }
  }

  async #embed(url: URL | undefined): Promise<JsonObject | undefined> {
    if (url === undefined) return undefined;
    return this.#orNothing('description', async () => {
      const document = await this.#parts.documents.open(url, 'application/json', MAX_EMBED_BYTES);
      if (document === undefined) return undefined;
      const told: unknown = JSON.parse((await readBeginning(document, MAX_EMBED_BYTES)).toString('utf8'));
      return isJsonObject(told) ? told : undefined;
    });
  }

  async #picture(url: URL | undefined): Promise<WebDocument | undefined> {
    if (url === undefined) return undefined;
    const { documents, settings } = this.#parts;
    const document = await this.#orNothing('picture', () => documents.open(url, 'image/*', settings.maxImageSize));
    if (document === undefined || IMAGE.test(document.contentType)) return document;
    giveUp(document.answer);
    return undefined;
  }

  /** Keeps the picture as a file of this server. */
  async #withImage(userId: string, told: JsonObject, image: WebDocument): Promise<FetchedPreview> {
    const { uploads, settings } = this.#parts;
    const bytes = await this.#orNothing('picture', () => readBeginning(image, settings.maxImageSize + 1));
    if (bytes === undefined || bytes.length > settings.maxImageSize) return { preview: told, mediaId: undefined };
    const size = await imageSize(bytes);
    if (size === undefined) return { preview: told, mediaId: undefined };
    const { contentType } = image;
    const uri = await uploads.upload(userId, bytes, { contentType, fileName: undefined });
    const preview = {
      ...told,
      'og:image': uri,
      'og:image:type': contentType.split(';', 1)[0]!,
      'og:image:width': size.width,
      'og:image:height': size.height,
      'matrix:image:size': bytes.length,
    };
    return { preview, mediaId: uri.slice(uri.lastIndexOf('/') + 1) };
  }
}

function addressIn(text: string | undefined, base: URL): URL | undefined {
  return text !== undefined && text !== '' && URL.canParse(text, base.href) ? new URL(text, base.href) : undefined;
}
