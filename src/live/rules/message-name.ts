/**
 * The name of a message among the viewers of a channel: the beginning of its event id. Event ids are hashes, of which
 * these 60 bits tell apart what a room will ever hold; the rest would be a fourth of all that viewers are sent.
 */

/** Characters, with the sigil. */
const NAME_LENGTH = 11;

export function messageName(eventId: string): string {
  return eventId.slice(0, NAME_LENGTH);
}

/** Whether it may be the name of a message rather than an event id in full. */
export function isMessageName(text: string): boolean {
  return text.length === NAME_LENGTH && text.startsWith('$');
}
