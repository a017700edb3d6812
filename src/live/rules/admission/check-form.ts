/** Step 2: the chat is open, and the message has a form that a chat takes. */
import { stringIn } from '../../../protocol/events/content-readers.ts';
import { htmlMatchesBody } from '../../../protocol/text-moderation/html-text.ts';
import { codePoints } from '../emotes.ts';
import { isPollEnd } from '../poll.ts';
import { refuse, type Step } from '../refusals.ts';
import { isModerator } from '../standing.ts';
import { type Attempt, isExempt } from './attempt.ts';
import { classOf } from './event-types.ts';

/** Control characters but tab and line feed, characters that turn the direction of text, halves of pairs. */
const BAD_CHARACTERS = /[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;
/** Marks piled on one letter, which run over the lines above and below. */
const PILED_MARKS = /\p{M}{6}/u;

export function checkForm(attempt: Attempt): Step {
  const { message, settings, sender, chatOpen } = attempt;
  if (!chatOpen && !(sender && isModerator(sender))) return refuse('chat_closed');
  if (classOf(message.type, false) !== 'chat') return refuse('wrong_type');
  // Whoever ends a poll says how it came out, and viewers are told so.
  if (isPollEnd(message.type) && !(sender && isModerator(sender))) return refuse('wrong_type');
  if (message.hasMedia && !settings.images && !isExempt(attempt, 'images')) return refuse('no_images');
  if (message.texts.some((text) => codePoints(text) > settings.maxLength)) return refuse('too_long');
  if (message.texts.some((text) => BAD_CHARACTERS.test(text) || PILED_MARKS.test(text))) {
    return refuse('bad_characters');
  }
  const html = stringIn(message.content, 'formatted_body');
  return html !== undefined && !htmlMatchesBody(html, message.body) ? refuse('html_mismatch') : undefined;
}
