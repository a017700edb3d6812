import type { MailClient } from '../../outgoing/mail-client.ts';
import { invalidParam, limitExceeded, MatrixError } from '../../protocol/errors.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { AddressProofRow } from '../../storage/contract/third-party-ids.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { TokenBuckets } from '../../util/token-buckets.ts';
import { hashToken } from '../sessions/tokens.ts';
import { verificationMail } from './verification-mail.ts';

/** What a client asks for a proof with. */
export interface ProofRequest {
  /** As {@link emailAddress} answers it. */
  readonly address: string;
  readonly clientSecret: string;
  /** A mail is sent again only if this has grown. */
  readonly sendAttempt: number;
  readonly nextLink?: string | undefined;
}

export interface AddressProofsParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly mail: MailClient;
  /** Mails by address; without it, there is no limit. */
  readonly limit: TokenBuckets | undefined;
  readonly serverName: string;
  readonly publicBaseUrl: string;
  /** Milliseconds for which a link is good, and then a proof. */
  readonly lifetime: number;
}

const SECRET = /^[0-9a-zA-Z.=_-]{1,255}$/;
/** Where the page is that a link in a mail leads to. */
export const CONFIRM_PATH = '/_igchat/email/confirm';

/** Proofs that people have the e-mail addresses that they name: by a link in a mail. */
export class AddressProofs {
  private readonly parts: AddressProofsParts;

  constructor(parts: AddressProofsParts) {
    this.parts = parts;
  }

  /**
   * Sends a mail, unless one of this attempt was sent; answers the id of the proof.
   * @throws 400 `M_INVALID_PARAM`; 429 `M_LIMIT_EXCEEDED`; 503 `M_UNKNOWN` if the mail cannot be sent
   */
  async request({ address, clientSecret, sendAttempt, nextLink }: ProofRequest): Promise<string> {
    if (!SECRET.test(clientSecret)) throw invalidParam('client_secret has other characters than 0-9 a-z A-Z . = _ -');
    if (nextLink !== undefined && !isWebLink(nextLink)) throw invalidParam('next_link is no web address');
    const { storage, clock, random, limit, lifetime } = this.parts;
    const clientHash = hashToken(clientSecret);
    const known = await storage.read((tx) => tx.thirdPartyIds.proofOf(clientHash, 'email', address));
    const isCurrent = known !== undefined && known.expires_at > clock.now();
    if (isCurrent && known.send_attempt >= sendAttempt) return known.sid;
    const wait = limit?.take(address) ?? 0;
    if (wait > 0) throw limitExceeded(wait, 'Too many mails to this address');
    const sid = isCurrent ? known.sid : random.token(24);
    const token = random.token(32);
    await this.send(address, sid, token);
    const row: AddressProofRow = {
      sid,
      medium: 'email',
      address,
      client_hash: clientHash,
      token_hash: hashToken(token),
      send_attempt: sendAttempt,
      next_link: nextLink ?? null,
      expires_at: clock.now() + lifetime,
      validated_at: isCurrent ? known.validated_at : null,
    };
    await storage.commit(new WriteSet().add('address_proofs.put', row));
    return sid;
  }

  /** The address that a link is about, and where it leads on; undefined for links that are not or no longer good. */
  async ofLink(sid: string, token: string): Promise<{ address: string; nextLink: string | undefined } | undefined> {
    const row = await this.current(sid);
    if (!row || !Buffer.from(row.token_hash).equals(hashToken(token))) return undefined;
    return { address: row.address, nextLink: row.next_link ?? undefined };
  }

  /** Somebody who read the mail says that the address is theirs; false if the link is not or no longer good. */
  async confirm(sid: string, token: string): Promise<boolean> {
    if (!(await this.ofLink(sid, token))) return false;
    const { storage, clock } = this.parts;
    try {
      await storage.commit(new WriteSet().add('address_proofs.validate', { sid, validated_at: clock.now() }));
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  /** The address that was proven. @throws 401 `M_THREEPID_AUTH_FAILED` */
  async proven(sid: string, clientSecret: string): Promise<string> {
    const row = await this.current(sid);
    const isOf = row && Buffer.from(row.client_hash).equals(hashToken(clientSecret));
    if (!isOf || row.validated_at === null) throw new MatrixError('M_THREEPID_AUTH_FAILED');
    return row.address;
  }

  async expire(): Promise<void> {
    const { storage, clock } = this.parts;
    await storage.commit(new WriteSet().add('address_proofs.expire', { now: clock.now() }));
  }

  private async current(sid: string): Promise<AddressProofRow | undefined> {
    const row = await this.parts.storage.read((tx) => tx.thirdPartyIds.proof(sid));
    return row && row.expires_at > this.parts.clock.now() ? row : undefined;
  }

  private async send(address: string, sid: string, token: string): Promise<void> {
    const { mail, serverName, publicBaseUrl } = this.parts;
    const link = `${publicBaseUrl}${CONFIRM_PATH}?sid=${sid}&token=${token}`;
    try {
      await mail.send(verificationMail(address, link, serverName));
    } catch (error) {
      const text = 'The mail could not be sent. Try again later';
      throw new MatrixError('M_UNKNOWN', text, { status: 503, cause: error });
    }
  }
}

function isWebLink(text: string): boolean {
  return text.length <= 2_000 && /^https?:\/\//i.test(text) && URL.canParse(text);
}
