import { forbidden, invalidParam, missingParam } from '../../protocol/errors.ts';
import { userIdFromLoginName } from '../../protocol/identifiers/user-id.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { RegistrationTokens } from '../accounts/registration-tokens.ts';

/** A stage that was passed. */
export interface PassedStage {
  /** What later steps need to know of it. */
  readonly detail?: string;
  /** What must be written when it is passed; a conflict means that it is not passed after all. */
  readonly addWrites?: (set: WriteSet) => void;
}

/** A way to prove something. Source: https://spec.matrix.org/v1.19/client-server-api/#authentication-types */
export interface Stage {
  readonly type: string;
  /** What clients are told to pass it. */
  readonly params?: JsonObject;
  /**
   * @param auth what the client sent.
   * @param userId who has to prove who they are; undefined when registering.
   * @throws MatrixError if it proves nothing.
   */
  check(auth: JsonObject, userId: string | undefined): Promise<PassedStage>;
  /** Whether somebody else than `userId` tries to prove who they are: no other attempt could help them. */
  isOfAnother?(auth: JsonObject, userId: string | undefined): boolean;
}

export const DUMMY = 'm.login.dummy';
export const PASSWORD = 'm.login.password';
export const EMAIL = 'm.login.email.identity';
export const TERMS = 'm.login.terms';
export const REGISTRATION_TOKEN = 'm.login.registration_token';
export const CAPTCHA = 'm.login.recaptcha';
export const SSO = 'm.login.sso';
/** As the way to log in that it repeats. */
export const JWT = 'org.matrix.login.jwt';

/** Source: https://spec.matrix.org/v1.19/client-server-api/#dummy-auth */
export const dummyStage: Stage = { type: DUMMY, check: async () => ({}) };

/** Passed in a browser, outside of the client's requests. Source: https://spec.matrix.org/v1.19/client-server-api/#sso-during-user-interactive-authentication */
export const ssoStage: Stage = {
  type: SSO,
  async check() {
    throw forbidden('Log in on the page of this stage first');
  },
};

/** Source: https://spec.matrix.org/v1.19/client-server-api/#password-based */
export function passwordStage(passwords: Passwords, serverName: string): Stage {
  return {
    type: PASSWORD,
    async check(auth, userId) {
      const { password } = auth;
      if (typeof password !== 'string') throw missingParam('"auth.password" is missing');
      if (userId === undefined) throw forbidden('There is no account yet');
      if (!(await passwords.isRight(userId, password))) throw forbidden('The password is wrong');
      return {};
    },
    isOfAnother(auth, userId) {
      const name = loginName(auth);
      return name !== undefined && userIdFromLoginName(name, serverName) !== userId;
    },
  };
}

/** Source: https://spec.matrix.org/v1.19/client-server-api/#token-authenticated-registration */
export function registrationTokenStage(tokens: RegistrationTokens): Stage {
  return {
    type: REGISTRATION_TOKEN,
    async check(auth) {
      const { token } = auth;
      if (typeof token !== 'string') throw missingParam('"auth.token" is missing');
      if (!(await tokens.isValid(token))) throw forbidden('This registration token is not valid');
      return { detail: token, addWrites: (set) => tokens.reserve(set, token) };
    },
  };
}

/**
 * The user name in a login or in a password stage: an identifier of type `m.id.user`, or the key `user` of old clients.
 *
 * @throws 400 `M_INVALID_PARAM` for identifiers by which nobody is known here.
 */
export function loginName(from: JsonObject): string | undefined {
  const { identifier, user } = from;
  if (!isJsonObject(identifier)) return typeof user === 'string' ? user : undefined;
  if (identifier['type'] !== 'm.id.user') throw invalidParam('Users are known by their user name only here');
  const name = identifier['user'];
  return typeof name === 'string' ? name : undefined;
}
