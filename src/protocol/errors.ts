import { ERRORS, type Errcode } from './error-catalogue.ts';
import type { JsonObject } from './json.ts';

export interface MatrixErrorOptions {
  /** HTTP status, where it is not the usual one of the errcode. */
  readonly status?: number;
  /** Further keys of the response, beside `errcode` and `error`. */
  readonly extra?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** What led to it: for the log, never for the client. */
  readonly cause?: unknown;
}

/**
 * A refusal as the client receives it. The text is for the person at the client; details go to the log.
 * Thrown by services and HTTP, mapped to a response in one place.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#standard-error-response
 */
export class MatrixError extends Error {
  readonly errcode: Errcode;
  readonly status: number;
  readonly extra?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;

  constructor(errcode: Errcode, text?: string, options: MatrixErrorOptions = {}) {
    super(text ?? ERRORS[errcode].text, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MatrixError';
    this.errcode = errcode;
    this.status = options.status ?? ERRORS[errcode].status;
    if (options.extra) this.extra = options.extra;
    if (options.headers) this.headers = options.headers;
  }

  /** The body of the response: `errcode`, `error` and the keys of `extra`. */
  toJSON(): JsonObject {
    return { ...this.extra, errcode: this.errcode, error: this.message };
  }
}

type Refusal = (text?: string) => MatrixError;

const refusal =
  (errcode: Errcode, status?: number): Refusal =>
  (text) =>
    new MatrixError(errcode, text, status === undefined ? {} : { status });

/** 403 `M_FORBIDDEN`. */
export const forbidden = refusal('M_FORBIDDEN');
/** 404 `M_NOT_FOUND`. */
export const notFound = refusal('M_NOT_FOUND');
/** 401 `M_MISSING_TOKEN`. */
export const missingToken = refusal('M_MISSING_TOKEN');
/** 400 `M_BAD_JSON`: valid JSON of the wrong form. */
export const badJson = refusal('M_BAD_JSON');
/** 400 `M_NOT_JSON`. */
export const notJson = refusal('M_NOT_JSON');
/** 400 `M_INVALID_PARAM`. */
export const invalidParam = refusal('M_INVALID_PARAM');
/** 400 `M_MISSING_PARAM`. */
export const missingParam = refusal('M_MISSING_PARAM');
/** 413 `M_TOO_LARGE`. */
export const tooLarge = refusal('M_TOO_LARGE');
/** 400 `M_USER_IN_USE`. */
export const userInUse = refusal('M_USER_IN_USE');
/** 400 `M_INVALID_USERNAME`. */
export const invalidUsername = refusal('M_INVALID_USERNAME');
/** 400 `M_EXCLUSIVE`: the name belongs to an application service, or does not belong to the one that asks. */
export const exclusive = refusal('M_EXCLUSIVE');
/** 400 `M_WEAK_PASSWORD`. */
export const weakPassword = refusal('M_WEAK_PASSWORD');
/** 403 `M_USER_DEACTIVATED`. */
export const userDeactivated = refusal('M_USER_DEACTIVATED');
/** 403 `M_USER_SUSPENDED`. */
export const userSuspended = refusal('M_USER_SUSPENDED');
/** 400 `M_ROOM_IN_USE`: the alias is taken. */
export const roomInUse = refusal('M_ROOM_IN_USE');
/** 400 `M_INVALID_ROOM_STATE`. */
export const invalidRoomState = refusal('M_INVALID_ROOM_STATE');
/** 400 `M_BAD_ALIAS`. */
export const badAlias = refusal('M_BAD_ALIAS');
/** 403 `M_BAD_STATE`: for instance an unban of somebody who is not banned. */
export const badState = refusal('M_BAD_STATE');
/** 400 `M_UNSUPPORTED_ROOM_VERSION`: a room cannot be created in this version. */
export const unsupportedRoomVersion = refusal('M_UNSUPPORTED_ROOM_VERSION');
/** 403 `M_GUEST_ACCESS_FORBIDDEN`. */
export const guestAccessForbidden = refusal('M_GUEST_ACCESS_FORBIDDEN');
/** 403 `M_INVITE_BLOCKED`. */
export const inviteBlocked = refusal('M_INVITE_BLOCKED');
/** 403 `M_CANNOT_LEAVE_SERVER_NOTICE_ROOM`. */
export const cannotLeaveServerNoticeRoom = refusal('M_CANNOT_LEAVE_SERVER_NOTICE_ROOM');
/** 400 `M_DUPLICATE_ANNOTATION`. */
export const duplicateAnnotation = refusal('M_DUPLICATE_ANNOTATION');
/** 400 `M_INVALID_SIGNATURE`. */
export const invalidSignature = refusal('M_INVALID_SIGNATURE');
/** 400 `M_UNKNOWN_DEVICE`. */
export const unknownDevice = refusal('M_UNKNOWN_DEVICE');
/** 400 `M_UNKNOWN_POS` (MSC4186). */
export const unknownPos = refusal('M_UNKNOWN_POS');
/** 409 `M_CANNOT_OVERWRITE_MEDIA`. */
export const cannotOverwriteMedia = refusal('M_CANNOT_OVERWRITE_MEDIA');
/** 504 `M_NOT_YET_UPLOADED`. */
export const notYetUploaded = refusal('M_NOT_YET_UPLOADED');
/** 400 `M_PROFILE_TOO_LARGE`. */
export const profileTooLarge = refusal('M_PROFILE_TOO_LARGE');
/** 400 `M_KEY_TOO_LARGE`: the name of a profile field. */
export const keyTooLarge = refusal('M_KEY_TOO_LARGE');

/**
 * 401 `M_UNKNOWN_TOKEN`. With `softLogout` the client keeps its encryption keys and logs in again.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#soft-logout
 */
export function unknownToken(options: { softLogout?: boolean; text?: string } = {}): MatrixError {
  return new MatrixError('M_UNKNOWN_TOKEN', options.text, { extra: { soft_logout: options.softLogout ?? false } });
}

/**
 * 401 `M_USER_LOCKED` with soft logout, so that the client keeps its data until the account is unlocked.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#account-locking
 */
export function userLocked(text?: string): MatrixError {
  return new MatrixError('M_USER_LOCKED', text, { extra: { soft_logout: true } });
}

/**
 * 429 `M_LIMIT_EXCEEDED`, with the time to wait both as the header (whole seconds) and as `retry_after_ms`.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#rate-limiting
 */
export function limitExceeded(retryAfterMs: number, text?: string): MatrixError {
  const ms = Math.max(1, Math.ceil(retryAfterMs));
  return new MatrixError('M_LIMIT_EXCEEDED', text, {
    extra: { retry_after_ms: ms },
    headers: { 'Retry-After': String(Math.ceil(ms / 1000)) },
  });
}

/** `M_UNRECOGNIZED`: 404 for an unknown path, 405 for a method that the path does not have. */
export function unrecognized(status: 404 | 405 = 404): MatrixError {
  const text = status === 405 ? 'This endpoint does not have this method' : undefined;
  return new MatrixError('M_UNRECOGNIZED', text, { status });
}

/** 403 `M_WRONG_ROOM_KEYS_VERSION` with the version of the backup that is current. */
export function wrongRoomKeysVersion(current: string | undefined, text?: string): MatrixError {
  return new MatrixError('M_WRONG_ROOM_KEYS_VERSION', text, {
    extra: current === undefined ? {} : { current_version: current },
  });
}

/** 400 `M_INCOMPATIBLE_ROOM_VERSION`: a room of `roomVersion` cannot be joined from here. */
export function incompatibleRoomVersion(roomVersion: string, text?: string): MatrixError {
  return new MatrixError('M_INCOMPATIBLE_ROOM_VERSION', text, { extra: { room_version: roomVersion } });
}

/** 403 `M_RESOURCE_LIMIT_EXCEEDED`; `adminContact` is a URI at which to reach those who run the server. */
export function resourceLimitExceeded(adminContact: string, text?: string): MatrixError {
  return new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', text, { extra: { admin_contact: adminContact } });
}

/** 403 `M_USER_LIMIT_EXCEEDED`; `infoUri` tells the user about the limit. */
export function userLimitExceeded(
  limit: { infoUri: string; canUpgrade?: boolean; status?: number },
  text?: string,
): MatrixError {
  return new MatrixError('M_USER_LIMIT_EXCEEDED', text, {
    extra: { info_uri: limit.infoUri, can_upgrade: limit.canUpgrade ?? false },
    ...(limit.status === undefined ? {} : { status: limit.status }),
  });
}

/** `M_UNKNOWN`, 500 unless told otherwise. `cause` goes to the log only. */
export function unknown(text?: string, options: { status?: number; cause?: unknown } = {}): MatrixError {
  return new MatrixError('M_UNKNOWN', text, options);
}
