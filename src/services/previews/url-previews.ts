import { createHash } from 'node:crypto';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { invalidParam, limitExceeded, unknown, unrecognized } from '../../protocol/errors.ts';
import type { UrlPreviewRow } from '../../storage/contract/url-previews.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import { type LocalFiles, removeLocal } from '../media/remove-local.ts';
import type { PreviewFetcher } from './preview-fetcher.ts';

export interface UrlPreviewSettings {
  readonly enabled: boolean;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly keep: number;
  readonly maxKept: number;
  readonly fetches: number;
  readonly fetchesWaiting: number;
}

export interface UrlPreviewsParts extends LocalFiles {
  readonly clock: Clock;
  readonly fetcher: PreviewFetcher;
  readonly settings: UrlPreviewSettings;
}

const RETRY_MS = 5_000;
const MAX_URL = 4_000;
/** Previews removed in one go. */
const REMOVED = 100;

/**
 * What pages on the web are about, for those who were sent links to them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediapreview_url
 */
export class UrlPreviews {
  readonly #parts: UrlPreviewsParts;
  readonly #places: LimitedConcurrency;
  /** What is being fetched, so that it is fetched once. */
  readonly #fetching = new Map<string, Promise<string>>();

  constructor(parts: UrlPreviewsParts) {
    this.#parts = parts;
    const { fetches, fetchesWaiting } = parts.settings;
    this.#places = new LimitedConcurrency({ running: fetches, waiting: fetchesWaiting });
  }

  /**
   * JSON of an object.
   * @throws 404 `M_UNRECOGNIZED` if there are no previews here; 400 `M_INVALID_PARAM`; 403 `M_FORBIDDEN` for addresses
   *   that are not fetched; 502 `M_UNKNOWN`; 429 `M_LIMIT_EXCEEDED`
   */
  async of(userId: string, address: string): Promise<string> {
    const { settings, storage, clock } = this.#parts;
    if (!settings.enabled) throw unrecognized();
    if (address.length > MAX_URL || !URL.canParse(address)) throw invalidParam('url is not an address on the web');
    const url = new URL(address);
    url.hash = '';
    const key = new Uint8Array(createHash('sha256').update(url.href).digest());
    const known = await storage.read((tx) => tx.urlPreviews.latest(key));
    if (known && known.fetched_at + settings.lifetime > clock.now()) return known.preview;
    const running = this.#fetching.get(url.href);
    if (running) return running;
    const fetching = this.#places
      .run(
        () => this.#fetch(userId, url, key),
        () => limitExceeded(RETRY_MS, 'Too many pages are being fetched'),
      )
      .finally(() => this.#fetching.delete(url.href));
    this.#fetching.set(url.href, fetching);
    return fetching;
  }

  /** Removes what has been kept for long enough, and what there is too much of. */
  async prune(): Promise<void> {
    const { storage, clock, settings } = this.#parts;
    const before = clock.now() - settings.keep;
    let excess = (await storage.read((tx) => tx.urlPreviews.count())) - settings.maxKept;
    for (;;) {
      const rows = await storage.read((tx) => tx.urlPreviews.oldest(REMOVED));
      const removed = rows.filter(({ fetched_at: at }, index) => at <= before || index < excess);
      for (const row of removed) await this.#remove(row);
      excess -= removed.length;
      if (removed.length < REMOVED) return;
    }
  }

  async #fetch(userId: string, url: URL, key: Uint8Array): Promise<string> {
    const { storage, clock, fetcher, settings } = this.#parts;
    try {
      const { preview, mediaId } = await fetcher.previewOf(userId, url);
      const text = JSON.stringify(preview);
      const row = { url_key: key, fetched_at: clock.now(), preview: text, media_id: mediaId ?? null };
      await storage.commit(new WriteSet().add('url_previews.insert', row));
      if ((await storage.read((tx) => tx.urlPreviews.count())) > settings.maxKept) await this.prune();
      return text;
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      throw unknown('The page could not be fetched', { status: 502, cause: error });
    }
  }

  async #remove({ url_key, fetched_at, media_id }: UrlPreviewRow): Promise<void> {
    const set = new WriteSet().add('url_previews.delete', { url_key, fetched_at });
    if (media_id === null) await this.#parts.storage.commit(set);
    else await removeLocal(this.#parts, media_id, set);
  }
}
