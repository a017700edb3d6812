import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { signaturesOf, verifyJson } from '../../protocol/signing/sign-json.ts';
import type { KeyLookup } from '../../protocol/signing/verify-event.ts';
import { Attempts } from './attempts.ts';
import { type KeyDocument, readKeyDocument } from './key-document.ts';
import { type KeySource, MAX_DOCUMENT_BYTES, reportFailure, type WantedKey, type WantedKeys } from './key-source.ts';
import type { KeySourceParts } from './origin-keys.ts';

/** Servers that a notary is asked for in one request. */
const BATCH = 50;

/**
 * Asks a trusted server for the keys of others. What it says must bear its own signature beside that of the server
 * whose keys they are.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#querying-keys-through-another-server
 */
export class NotaryKeys implements KeySource {
  readonly #notary: ServerName;
  readonly #parts: KeySourceParts;
  /** Finds keys of the notary itself. */
  readonly #lookup: (wanted: readonly WantedKey[]) => Promise<KeyLookup>;
  readonly #attempts: Attempts;

  constructor(notary: ServerName, parts: KeySourceParts, lookup: (wanted: readonly WantedKey[]) => Promise<KeyLookup>) {
    const { keyRetryMin, keyRetryMax, keyCacheServers } = parts.settings;
    this.#notary = notary;
    this.#parts = parts;
    this.#lookup = lookup;
    const pace = { retryMin: keyRetryMin, retryMax: keyRetryMax, servers: keyCacheServers };
    this.#attempts = new Attempts(pace, parts.clock);
  }

  async refresh(wanted: WantedKeys): Promise<void> {
    const due = [...wanted].filter(([server]) => server !== this.#notary && this.#attempts.mayAsk(server));
    for (let at = 0; at < due.length; at += BATCH) {
      if (!this.#attempts.mayAsk(this.#notary)) return;
      await this.#ask(new Map(due.slice(at, at + BATCH)));
    }
  }

  async #ask(wanted: WantedKeys): Promise<void> {
    const { client, known, logger, settings } = this.#parts;
    for (const server of wanted.keys()) this.#attempts.failed(server);
    try {
      const answer = await client.ask({
        destination: this.#notary,
        method: 'POST',
        uri: '/_matrix/key/v2/query',
        content: { server_keys: criteria(wanted) },
        timeoutMs: settings.keyTimeout * 2,
        maxBytes: BATCH * MAX_DOCUMENT_BYTES,
      });
      const documents = await this.#news(await this.#believed(answer, wanted));
      await known.learn(documents);
      for (const { serverName } of documents) this.#attempts.succeeded(serverName);
    } catch (error) {
      reportFailure(logger, this.#notary, error);
      this.#attempts.failed(this.#notary);
    }
  }

  /** Those that tell of a key more than is known: a notary may have old ones, which must not undo what came later. */
  async #news(documents: readonly KeyDocument[]): Promise<KeyDocument[]> {
    const known = await this.#parts.known.of(documents.map(({ serverName }) => serverName));
    return documents.filter(({ serverName, keys }) =>
      keys.some(({ keyId, validUntilTs }) => validUntilTs > (known.get(serverName)?.get(keyId)?.validUntilTs ?? -1)),
    );
  }

  /** The documents in an answer that are of servers which were asked for, and signed as they must be. */
  async #believed(answer: JsonObject, wanted: WantedKeys): Promise<KeyDocument[]> {
    const told = Array.isArray(answer['server_keys']) ? answer['server_keys'].filter(isJsonObject) : [];
    const about = { now: this.#parts.clock.now(), maxKeys: this.#parts.settings.keysPerServer };
    const candidates = told.slice(0, BATCH * 4).flatMap((json) => {
      const server = [...wanted.keys()].find((name) => name === json['server_name']);
      const document = server === undefined ? undefined : readKeyDocument(json, server, about);
      return document === undefined ? [] : [document];
    });
    const keyIds = new Set(candidates.flatMap(({ json }) => [...signaturesOf(json, this.#notary).keys()]).slice(0, 10));
    const keys = await this.#lookup([...keyIds].map((keyId) => ({ server: this.#notary, keyId, validAt: about.now })));
    return candidates.filter(({ json }) =>
      [...keyIds].some((keyId) => {
        const known = keys(this.#notary, keyId);
        return known !== undefined && known.validUntilTs >= about.now && isSigned(json, this.#notary, keyId, known.key);
      }),
    );
  }
}

function isSigned(...[json, name, keyId, key]: Parameters<typeof verifyJson>): boolean {
  try {
    return verifyJson(json, name, keyId, key);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return false;
    throw error;
  }
}

/** The body of the request. */
function criteria(wanted: WantedKeys): JsonObject {
  return Object.fromEntries(
    [...wanted].map(([server, keys]) => [
      server,
      Object.fromEntries([...keys].map(([keyId, validAt]) => [keyId, { minimum_valid_until_ts: validAt }])),
    ]),
  );
}
