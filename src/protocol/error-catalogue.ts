/** What an errcode means by default: its HTTP status and the text a client shows when no better one is given. */
export interface ErrorKind {
  readonly status: number;
  readonly text: string;
}

/**
 * Every errcode of the specification, with those of the unstable APIs that are served here.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#standard-error-response
 */
export const ERRORS = {
  M_APPSERVICE_LOGIN_UNSUPPORTED: { status: 400, text: 'Application services cannot log in this way here' },
  M_BAD_ALIAS: { status: 400, text: 'An alias does not point to this room' },
  M_BAD_JSON: { status: 400, text: 'The JSON of the request does not have the expected form' },
  M_BAD_STATE: { status: 403, text: 'The change is not possible from the current state' },
  M_BAD_STATUS: { status: 502, text: 'The application service answered with an error' },
  M_CANNOT_LEAVE_SERVER_NOTICE_ROOM: { status: 403, text: 'You cannot reject this invite' },
  M_CANNOT_OVERWRITE_MEDIA: { status: 409, text: 'This media is uploaded already' },
  M_CAPTCHA_INVALID: { status: 401, text: 'The captcha was not solved' },
  M_CAPTCHA_NEEDED: { status: 401, text: 'A captcha must be solved first' },
  M_CONNECTION_FAILED: { status: 502, text: 'The application service could not be reached' },
  M_CONNECTION_TIMEOUT: { status: 504, text: 'The application service did not answer in time' },
  M_DESTINATION_REJECTED: { status: 400, text: 'Messages cannot be delivered to this country or region' },
  M_DUPLICATE_ANNOTATION: { status: 400, text: 'You have reacted to this event with this key already' },
  M_EMAIL_SEND_ERROR: { status: 400, text: 'The mail could not be sent' },
  M_EXCLUSIVE: { status: 400, text: 'This name is reserved by an application service' },
  M_FORBIDDEN: { status: 403, text: 'You are not allowed to do this' },
  M_GUEST_ACCESS_FORBIDDEN: { status: 403, text: 'Guests are not allowed to do this' },
  M_INCOMPATIBLE_ROOM_VERSION: { status: 400, text: 'This server does not support the version of the room' },
  M_INVALID_ADDRESS: { status: 400, text: 'The address is not valid' },
  M_INVALID_EMAIL: { status: 400, text: 'The mail address is not valid' },
  M_INVALID_PARAM: { status: 400, text: 'A parameter has an invalid value' },
  M_INVALID_PEPPER: { status: 400, text: 'The pepper is unknown or no longer valid' },
  M_INVALID_ROOM_STATE: { status: 400, text: 'The initial state of the room is invalid' },
  M_INVALID_SIGNATURE: { status: 400, text: 'A signature is invalid' },
  M_INVALID_USERNAME: { status: 400, text: 'This is not a valid user name' },
  M_INVITE_BLOCKED: { status: 403, text: 'The invited user does not accept invites from you' },
  M_KEY_TOO_LARGE: { status: 400, text: 'The key of the profile field is longer than 255 bytes' },
  M_LIMIT_EXCEEDED: { status: 429, text: 'Too many requests' },
  /** These two of delayed events (MSC4140), beside `M_UNKNOWN`. */
  M_MAX_DELAYED_EVENTS_EXCEEDED: { status: 429, text: 'Too many delayed events are waiting' },
  M_MAX_DELAY_EXCEEDED: { status: 400, text: 'The delay is too long' },
  M_MISSING_PARAM: { status: 400, text: 'A required parameter is missing' },
  M_MISSING_PARAMS: { status: 400, text: 'One or more required parameters are missing' },
  M_MISSING_TOKEN: { status: 401, text: 'The request has no access token' },
  M_NOT_FOUND: { status: 404, text: 'Not found' },
  M_NOT_JSON: { status: 400, text: 'The request is not valid JSON' },
  M_NOT_YET_UPLOADED: { status: 504, text: 'This media has not been uploaded yet' },
  M_NO_VALID_SESSION: { status: 404, text: 'There is no such session' },
  M_PROFILE_TOO_LARGE: { status: 400, text: 'The profile would become larger than 64 KiB' },
  M_RESOURCE_LIMIT_EXCEEDED: { status: 403, text: 'This server has reached a limit of its resources' },
  M_ROOM_IN_USE: { status: 400, text: 'This room alias is in use already' },
  M_SEND_ERROR: { status: 400, text: 'The message could not be sent' },
  M_SERVER_NOT_TRUSTED: { status: 400, text: 'This server does not trust the named server' },
  M_SESSION_EXPIRED: { status: 400, text: 'The session has expired' },
  M_SESSION_NOT_VALIDATED: { status: 400, text: 'The session has not been validated' },
  /** Of no specification, but clients show the `consent_uri` that comes with it. */
  M_CONSENT_NOT_GIVEN: { status: 403, text: 'The terms of this server must be agreed to first' },
  M_TERMS_NOT_SIGNED: { status: 403, text: 'The terms of service must be accepted first' },
  M_THREEPID_AUTH_FAILED: { status: 401, text: 'The address could not be verified' },
  M_THREEPID_DENIED: { status: 403, text: 'This address cannot be used here' },
  M_THREEPID_IN_USE: { status: 400, text: 'This address is in use already' },
  M_THREEPID_MEDIUM_NOT_SUPPORTED: { status: 400, text: 'This kind of address cannot be added here' },
  M_THREEPID_NOT_FOUND: { status: 400, text: 'This address is not known here' },
  M_TOKEN_INCORRECT: { status: 400, text: 'The token is not correct' },
  M_TOO_LARGE: { status: 413, text: 'The request is too large' },
  M_UNABLE_TO_AUTHORISE_JOIN: { status: 400, text: 'This server cannot check the conditions to join the room' },
  M_UNABLE_TO_GRANT_JOIN: { status: 400, text: 'This server cannot let anybody into the room' },
  M_UNAUTHORIZED: { status: 401, text: 'The request is not authorized' },
  M_UNKNOWN: { status: 500, text: 'Internal server error' },
  M_UNKNOWN_DEVICE: { status: 400, text: 'The user has no such device' },
  /** Of simplified sliding sync (MSC4186): the client has to begin a new connection. */
  M_UNKNOWN_POS: { status: 400, text: 'This position is not known, begin a new connection' },
  M_UNKNOWN_TOKEN: { status: 401, text: 'The access token is not known' },
  M_UNRECOGNIZED: { status: 404, text: 'There is no such endpoint' },
  M_UNSUPPORTED_ROOM_VERSION: { status: 400, text: 'This server does not support this room version' },
  M_URL_NOT_SET: { status: 400, text: 'The application service has no URL' },
  M_USER_DEACTIVATED: { status: 403, text: 'This account has been deactivated' },
  M_USER_IN_USE: { status: 400, text: 'This user name is taken' },
  M_USER_LIMIT_EXCEEDED: { status: 403, text: 'You have reached a limit of your account' },
  M_USER_LOCKED: { status: 401, text: 'This account has been locked' },
  M_USER_SUSPENDED: { status: 403, text: 'You cannot do this while your account is suspended' },
  M_WEAK_PASSWORD: { status: 400, text: 'The password is too weak' },
  M_WRONG_ROOM_KEYS_VERSION: { status: 403, text: 'This is not the current version of the key backup' },
} as const satisfies Record<string, ErrorKind>;

export type Errcode = keyof typeof ERRORS;
