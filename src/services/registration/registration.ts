import {
  exclusive,
  forbidden,
  guestAccessForbidden,
  invalidUsername,
  MatrixError,
  missingParam,
  userInUse,
} from '../../protocol/errors.ts';
import { localpartOf } from '../../protocol/identifiers/parts.ts';
import { makeUserId, type UserId } from '../../protocol/identifiers/user-id.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Random } from '../../util/random.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { checkForPeople, newUserId } from '../accounts/new-user-id.ts';
import type { PasswordHasher } from '../accounts/password-hasher.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { CaptchaSettings } from '../sessions/captcha-stage.ts';
import type { InteractiveAuth } from '../sessions/interactive-auth.ts';
import type { NewSession, SessionOptions, Sessions } from '../sessions/sessions.ts';
import { CAPTCHA, DUMMY, EMAIL, REGISTRATION_TOKEN, TERMS } from '../sessions/stages.ts';
import { type Term, versionOfTerms } from '../sessions/terms-stage.ts';
import { hashToken } from '../sessions/tokens.ts';
import type { ThirdPartyIds } from '../third-party-ids/third-party-ids.ts';

/** Who may have which names. */
export interface ReservedNames {
  /** Whether the user id belongs to an application service alone. */
  isReserved(userId: string): boolean;
}

export interface RegistrationSettings {
  readonly mode: 'closed' | 'token' | 'open';
  readonly guests: boolean;
  /** Whether people prove an e-mail address. */
  readonly email: 'none' | 'optional' | 'required';
  /** What people agree to. */
  readonly terms: readonly Term[];
}

export interface RegistrationRequest extends SessionOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Whether only the account is wanted, without a session. */
  readonly inhibitLogin: boolean;
  /** Of a guest, whose account this is to be from now on. */
  readonly guestAccessToken?: string | undefined;
  /** The whole body, with `auth`. */
  readonly body: JsonObject;
}

export interface Registered {
  readonly challenge?: undefined;
  readonly userId: UserId;
  readonly session?: NewSession;
}

export interface RegistrationDependencies {
  readonly storage: Storage;
  readonly random: Random;
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly hasher: PasswordHasher;
  readonly sessions: Sessions;
  readonly interactiveAuth: InteractiveAuth;
  readonly reservedNames: ReservedNames;
  readonly thirdPartyIds: ThirdPartyIds;
  readonly serverName: string;
  readonly settings: RegistrationSettings;
  /** Whether people answer a question that programs cannot. */
  readonly captcha: CaptchaSettings;
}

/** Making accounts over the network. Source: https://spec.matrix.org/v1.19/client-server-api/#account-registration */
export class Registration {
  readonly #with: RegistrationDependencies;

  constructor(dependencies: RegistrationDependencies) {
    this.#with = dependencies;
  }

  get terms(): readonly Term[] {
    return this.#with.settings.terms;
  }

  get captcha(): CaptchaSettings {
    return this.#with.captcha;
  }

  /** @throws 403 `M_FORBIDDEN` if nobody can register here. */
  checkIsOpen(): void {
    if (this.#with.settings.mode === 'closed') throw forbidden('Registration is closed on this server');
  }

  /**
   * The user id that a new user with this name would have.
   *
   * @throws 400 `M_INVALID_USERNAME`, `M_USER_IN_USE`, `M_EXCLUSIVE`
   */
  async checkAvailable(username: string): Promise<UserId> {
    const { accounts, reservedNames, serverName } = this.#with;
    const userId = newUserId(username, serverName);
    if (reservedNames.isReserved(userId)) throw exclusive();
    checkForPeople(userId);
    if ((await accounts.get(userId)) !== undefined) throw userInUse();
    return userId;
  }

  /**
   * Makes an account once the interactive authentication is complete; until then the answer is its challenge.
   *
   * @throws 403 `M_FORBIDDEN`; what {@link checkAvailable} throws; 400 `M_WEAK_PASSWORD`, `M_MISSING_PARAM`
   */
  async register(request: RegistrationRequest): Promise<Registered | { readonly challenge: JsonObject }> {
    this.checkIsOpen();
    const before = await this.#registeredBefore(request);
    if (before !== undefined) return this.#withSession(before, request);
    const guest = await this.#guestOf(request);
    const wanted = guest?.userId ?? (await this.#wanted(request));
    if (request.password !== undefined) this.#with.passwords.checkStrength(request.password);
    const outcome = await this.#with.interactiveAuth.authorize({
      operation: 'register',
      userId: undefined,
      body: request.body,
      flows: this.#flows(),
      // Clients learn the flows with an empty request, and use its session for the real one.
      bindsBody: false,
      isOnce: false,
    });
    if (outcome.challenge !== undefined) return outcome;
    if (request.password === undefined) throw missingParam('"password" is missing');
    const userId = wanted ?? this.#anyUserId();
    const passwordHash = await this.#with.hasher.hash(request.password);
    const set = new WriteSet();
    const token = outcome.details.get(REGISTRATION_TOKEN);
    if (guest) this.#with.accounts.addUpgrade(set, userId, passwordHash);
    else {
      await this.#with.accounts.addNew(set, {
        userId,
        passwordHash,
        displayName: request.username ?? localpartOf(userId),
        isAdmin: token ? await this.#grantsAdmin(token) : false,
      });
    }
    // It is among the stages if there are any.
    if (this.terms.length > 0) set.add('users.agree', { user_id: userId, agreed_terms: versionOfTerms(this.terms) });
    if (token) set.add('registration_tokens.complete', { token });
    const address = outcome.details.get(EMAIL);
    if (address) await this.#addAddress(set, userId, address);
    if (outcome.sessionHash !== undefined) {
      set.add('uia_sessions.registered', { session_hash: outcome.sessionHash, registered_user: userId });
    }
    // The session of the guest goes on as one of the account.
    return this.#finish(set, userId, { ...request, deviceId: request.deviceId ?? guest?.deviceId });
  }

  /** @throws 403 `M_GUEST_ACCESS_FORBIDDEN` */
  async registerGuest(options: SessionOptions): Promise<Registered> {
    if (!this.#with.settings.guests) throw guestAccessForbidden('This server does not take guests');
    const digits = [...this.#with.random.bytes(16)].map((byte) => byte % 10).join('');
    const userId = makeUserId(digits, this.#with.serverName);
    if (userId === undefined) throw new Error('the server name leaves no room for user ids');
    const set = new WriteSet();
    await this.#with.accounts.addNew(set, { userId, isGuest: true });
    return this.#finish(set, userId, { ...options, inhibitLogin: false });
  }

  /** Who was registered by an earlier request of the same session, whose reply was lost. */
  async #registeredBefore(request: RegistrationRequest): Promise<UserId | undefined> {
    const auth = request.body['auth'];
    const id = isJsonObject(auth) ? auth['session'] : undefined;
    if (typeof id !== 'string') return undefined;
    const userId = await this.#with.interactiveAuth.registeredUser(id);
    if (userId === undefined || !(await this.#with.accounts.exists(userId))) return undefined;
    const { username } = request;
    const isSame = username === undefined || newUserId(username, this.#with.serverName) === userId;
    return isSame ? (userId as UserId) : undefined;
  }

  async #wanted({ username }: RegistrationRequest): Promise<UserId | undefined> {
    return username === undefined ? undefined : this.checkAvailable(username);
  }

  /**
   * The guest who wants to stay, and the device.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#guest-access
   * @throws 403 `M_FORBIDDEN` if it is no guest's token; 400 `M_INVALID_USERNAME` for another name than the guest's
   */
  async #guestOf({ guestAccessToken, username }: RegistrationRequest) {
    if (guestAccessToken === undefined) return undefined;
    const hash = hashToken(guestAccessToken);
    const row = await this.#with.storage.read((tx) => tx.sessions.byAccessHash(hash));
    if (row?.is_guest !== 1 || row.deactivated_at !== null || row.locked === 1) {
      throw forbidden('This is no access token of a guest');
    }
    const userId = row.user_id as UserId;
    if (username !== localpartOf(userId)) throw invalidUsername('A guest keeps the user name');
    return { userId, deviceId: row.device_id };
  }

  async #withSession(userId: UserId, request: RegistrationRequest): Promise<Registered> {
    if (request.inhibitLogin) return { userId };
    return { userId, session: await this.#with.sessions.start(userId, request) };
  }

  async #finish(
    set: WriteSet,
    userId: UserId,
    options: SessionOptions & { readonly inhibitLogin: boolean },
  ): Promise<Registered> {
    const { accounts, sessions } = this.#with;
    const session = options.inhibitLogin ? undefined : await sessions.addNew(set, userId, options);
    try {
      await accounts.commitNew(set, userId);
    } catch (error) {
      if (error instanceof ConflictError) throw forbidden('This session has expired or was used: register again');
      throw error;
    }
    return { userId, ...(session === undefined ? {} : { session }) };
  }

  #flows(): string[][] {
    const { mode, email } = this.#with.settings;
    const always = [
      ...(this.captcha.siteKey === undefined ? [] : [CAPTCHA]),
      ...(this.terms.length === 0 ? [] : [TERMS]),
      ...(mode === 'open' ? [] : [REGISTRATION_TOKEN]),
    ];
    const alone = always.length === 0 ? [DUMMY] : always;
    const withEmail = [...always, EMAIL];
    if (email === 'none') return [alone];
    return email === 'required' ? [withEmail] : [alone, withEmail];
  }

  /** @throws 400 `M_THREEPID_IN_USE` */
  async #addAddress(set: WriteSet, userId: UserId, address: string): Promise<void> {
    const { thirdPartyIds } = this.#with;
    if ((await thirdPartyIds.userOf(address)) !== undefined) throw new MatrixError('M_THREEPID_IN_USE');
    thirdPartyIds.addNew(set, userId, address);
  }

  async #grantsAdmin(token: string): Promise<boolean> {
    const row = await this.#with.storage.read((tx) => tx.accounts.registrationToken(token));
    return row?.grants_admin === 1;
  }

  /** For who wants no name in particular. */
  #anyUserId(): UserId {
    const userId = makeUserId(`u${this.#with.random.token(12).toLowerCase()}`, this.#with.serverName);
    if (userId === undefined) throw new Error('the server name leaves no room for user ids');
    return userId;
  }
}
