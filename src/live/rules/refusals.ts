/** Why a message does not get into a live room: one code each, the same at every entrance. */

export const REFUSALS = {
  signed_out: 'Sign in to chat',
  banned: 'You are banned from this chat',
  timed_out: 'A moderator has given you a time-out',
  warned: 'Read and accept the warning of the moderators before you go on chatting',
  members_only: 'Only those who were invited may chat here',
  chat_closed: 'The chat is closed',
  wrong_type: 'This kind of event has no place in a live chat',
  no_images: 'Images and files are not allowed in this chat',
  too_long: 'The message is too long',
  bad_characters: 'The message holds characters that are not allowed',
  slow_mode: 'Slow mode is on; wait before your next message',
  rate_limited: 'You are sending too fast',
  followers_only: 'Only followers may chat',
  subscribers_only: 'Only subscribers may chat',
  emote_only: 'Only emotes are allowed',
  account_age: 'Your account is too new to chat here',
  unverified: 'Confirm your e-mail address or phone number to chat here',
  first_time: 'New chatters have to wait',
  duplicate: 'You have just said that',
  not_unique: 'Somebody has just said that; say it in another way',
  room_busy: 'The chat is too busy; try again in a moment',
  blocked_term: 'The message holds words that are not allowed in this chat',
  links: 'Links are not allowed in this chat',
  too_many_mentions: 'The message mentions too many users',
  too_many_emotes: 'The message holds too many emotes',
  too_loud: 'Please write less in capitals and signs',
  html_mismatch: 'The formatted message says something else than its plain text',
  held: 'The message waits for a moderator',
  deleted: 'A moderator has taken the message out',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export interface Refusal {
  readonly outcome: 'refuse';
  readonly code: RefusalCode;
  /** Milliseconds after which it may be tried again; undefined where time does not help. */
  readonly retryMs?: number;
}

/** Kept back until a moderator decides; no event exists until then. */
export interface Hold {
  readonly outcome: 'hold';
  /** For the moderators. */
  readonly reason: RefusalCode | 'flood' | 'classifier' | 'automod';
}

export type Step = Refusal | Hold | undefined;

export function refuse(code: RefusalCode, retryMs?: number): Refusal {
  return retryMs === undefined ? { outcome: 'refuse', code } : { outcome: 'refuse', code, retryMs };
}

/** Refusals that a client cures by waiting and sending the same again: 429 with `retry_after_ms` for those of ours. */
export function isPacing(code: RefusalCode): boolean {
  return code === 'slow_mode' || code === 'rate_limited' || code === 'room_busy';
}
