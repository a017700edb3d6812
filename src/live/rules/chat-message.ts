/** A message as admission looks at it: taken out of the content once, whichever entrance it came by. */
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { foldText } from '../../protocol/text-moderation/fold-text.ts';
import { shownTexts } from '../../protocol/text-moderation/shown-texts.ts';
import { skeletonOf } from '../../protocol/text-moderation/spellings.ts';
import { type EmoteSet, type EmoteUse, findEmotes } from './emotes.ts';

export interface ChatMessage {
  readonly type: string;
  readonly content: JsonObject;
  readonly body: string;
  /** Body and every other text that clients may show. */
  readonly texts: readonly string[];
  /** What is the same for texts that say the same. */
  readonly skeleton: string;
  readonly emotes: readonly EmoteUse[];
  readonly mentions: number;
  readonly hasMedia: boolean;
  readonly isSticker: boolean;
}

/** What is said rather than clicked: reactions and votes are neither paced by slow mode nor anybody's first message. */
export function isSaid({ type }: Pick<ChatMessage, 'type'>): boolean {
  return type === 'm.room.message' || type === 'm.sticker';
}

const MEDIA = new Set(['m.image', 'm.file', 'm.audio', 'm.video', 'm.location']);

export function readChatMessage(type: string, content: JsonObject, emotes: EmoteSet): ChatMessage {
  const edited = content['m.new_content'];
  const shown = isJsonObject(edited) ? edited : content;
  const body = stringIn(shown, 'body') ?? '';
  return {
    type,
    content,
    body,
    texts: shownTexts(content),
    skeleton: skeletonOf(foldText(body)),
    emotes: findEmotes(body, emotes),
    mentions: mentionsIn(content),
    hasMedia: MEDIA.has(stringIn(shown, 'msgtype') ?? ''),
    isSticker: type === 'm.sticker',
  };
}

/** Source: https://spec.matrix.org/v1.19/client-server-api/#user-and-room-mentions */
function mentionsIn(content: JsonObject): number {
  const mentions = content['m.mentions'];
  if (!isJsonObject(mentions)) return 0;
  const users = mentions['user_ids'];
  return (Array.isArray(users) ? new Set(users).size : 0) + (mentions['room'] === true ? 1 : 0);
}
