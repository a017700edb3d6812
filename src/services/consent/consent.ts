import { createHmac, timingSafeEqual } from 'node:crypto';
import { forbidden, MatrixError } from '../../protocol/errors.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { localpartOf, serverOf } from '../../protocol/identifiers/parts.ts';
import { makeUserId } from '../../protocol/identifiers/user-id.ts';
import type { UserRow } from '../../storage/contract/accounts.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import { Lru } from '../../util/lru.ts';
import { ALLOWED, type Candidate, type Gate } from '../admission/admission.ts';
import type { NoticeBoard } from '../events.ts';
import type { ServerNotices } from '../server-notices/server-notices.ts';
import { type Term, versionOfTerms } from '../sessions/terms-stage.ts';

export interface ConsentParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly serverNotices: Pick<ServerNotices, 'send'>;
  readonly logger: Logger;
  readonly serverName: string;
  /** The public address of this server. */
  readonly baseUrl: string;
  /** Known to this server alone, and the same after a restart. */
  readonly secret: string;
  readonly settings: {
    readonly terms: readonly Term[];
    /** Whether everybody has to agree to them, and not only who registers. */
    readonly isAsked: boolean;
    /** Who brings server notices: is not asked; undefined if nobody does. */
    readonly noticesUser: string | undefined;
    /** People who are remembered to have agreed. */
    readonly remembered: number;
  };
}

/** People of whom it is to be looked at whether they were told; beyond, they are told when they come again. */
const MOST_WAITING = 10_000;

/**
 * Has people agree to the terms of this server who did not when they registered, or did to other versions. Until then they
 * can read, and join and leave rooms, but neither send nor make rooms; clients show them the address in the error.
 */
export class Consent implements Gate {
  readonly name = 'consent';
  readonly #parts: ConsentParts;
  readonly #version: string;
  readonly #agreed: Lru<string, true>;
  readonly #waiting = new Set<string>();
  #telling: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: ConsentParts) {
    this.#parts = parts;
    this.#version = versionOfTerms(parts.settings.terms);
    this.#agreed = new Lru({ max: parts.settings.remembered });
    if (!this.isAsked) return;
    parts.notices.on('seen', ({ userIds }) => {
      for (const userId of userIds) this.#remind(userId);
    });
  }

  get isAsked(): boolean {
    const { terms, isAsked } = this.#parts.settings;
    return isAsked && terms.length > 0;
  }

  get terms(): readonly Term[] {
    return this.#parts.settings.terms;
  }

  async judge({ entrance, sender, type, stateKey, content }: Candidate) {
    const own = type === 'm.room.member' && stateKey === sender ? membershipIn(content) : undefined;
    if (entrance !== 'client' || own === 'join' || own === 'leave') return ALLOWED;
    if (serverOf(sender) !== this.#parts.serverName || (await this.#hasAgreed(sender))) return ALLOWED;
    this.#remind(sender);
    return { verdict: 'refuse' as const, error: this.#refusal(sender) };
  }

  /** Where a user agrees. */
  addressFor(userId: string): string {
    const query = new URLSearchParams({ user: localpartOf(userId), key: this.#keyOf(userId) });
    return `${this.#parts.baseUrl}/_igchat/terms?${query}`;
  }

  /** Whether the user whom an address is for has agreed already. @throws 403 `M_FORBIDDEN` if it is not an address of ours */
  hasAgreed(localpart: string, key: string): Promise<boolean> {
    return this.#hasAgreed(this.#userOf(localpart, key));
  }

  /** @throws 403 `M_FORBIDDEN` if it is not an address of ours */
  async agree(localpart: string, key: string): Promise<void> {
    const userId = this.#userOf(localpart, key);
    await this.#parts.storage.commit(
      new WriteSet().add('users.agree', { user_id: userId, agreed_terms: this.#version }),
    );
    this.#agreed.set(userId, true);
  }

  /** Tells nobody any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    await this.settled();
  }

  /** Resolves when everybody has been told who was to be. */
  async settled(): Promise<void> {
    while (this.#telling) await this.#telling;
  }

  async #hasAgreed(userId: string): Promise<boolean> {
    if (this.#agreed.has(userId)) return true;
    const row = await this.#parts.storage.read((tx) => tx.accounts.user(userId));
    const has = row === undefined || !this.#isConcerned(row) || row.agreed_terms === this.#version;
    if (has) this.#agreed.set(userId, true);
    return has;
  }

  /** Whether it is a person: guests and users of application services are none. */
  #isConcerned({ user_id, is_guest, appservice_id, deactivated_at }: UserRow): boolean {
    const isPerson = is_guest === 0 && appservice_id === null && deactivated_at === null;
    return isPerson && user_id !== this.#parts.settings.noticesUser;
  }

  /** Tells somebody in a server notice, once for each version. */
  #remind(userId: string): void {
    const isHere = this.#parts.settings.noticesUser !== undefined && !this.#agreed.has(userId);
    if (!isHere || this.#isStopped || this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.add(userId);
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tellAll(): Promise<void> {
    for (const userId of this.#waiting) {
      try {
        await this.#tell(userId);
      } catch (err) {
        this.#parts.logger.warn({ err, userId }, 'a user could not be told of the terms');
      }
      this.#waiting.delete(userId);
    }
  }

  async #tell(userId: string): Promise<void> {
    const { storage, serverNotices } = this.#parts;
    if (await this.#hasAgreed(userId)) return;
    const row = await storage.read((tx) => tx.accounts.user(userId));
    if (row?.told_terms === this.#version) return;
    const body = `Please read and agree to the terms of this server to go on writing messages: ${this.addressFor(userId)}`;
    const content = { msgtype: 'm.text', body };
    await serverNotices.send({ userId, type: 'm.room.message', stateKey: undefined, content }, this.name);
    await storage.commit(new WriteSet().add('users.tellTerms', { user_id: userId, told_terms: this.#version }));
  }

  #refusal(userId: string): MatrixError {
    const address = this.addressFor(userId);
    const text = `To go on you have to agree to the terms of this server: ${address}`;
    return new MatrixError('M_CONSENT_NOT_GIVEN', text, { extra: { consent_uri: address } });
  }

  #userOf(localpart: string, key: string): string {
    const userId = makeUserId(localpart, this.#parts.serverName);
    const [given, right] = [Buffer.from(key), Buffer.from(userId === undefined ? '' : this.#keyOf(userId))];
    if (userId === undefined || given.length !== right.length || !timingSafeEqual(given, right)) {
      throw forbidden('This address is not complete');
    }
    return userId;
  }

  #keyOf(userId: string): string {
    return createHmac('sha256', this.#parts.secret).update(`terms\0${userId}`).digest('base64url');
  }
}
