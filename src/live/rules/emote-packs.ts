/**
 * The emotes of a channel: packs of pictures in the state of its room, as Cinny and other clients write them.
 * Source: https://github.com/matrix-org/matrix-spec-proposals/pull/2545
 */
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Emote } from './emotes.ts';

export const EMOTE_PACK_EVENTS = ['im.ponies.room_emotes', 'm.image_pack'] as const;

const MAX_EMOTES = 500;
const NAME = /^[\p{L}\p{N}_-]{1,50}$/u;
const MXC = /^mxc:\/\/[A-Za-z0-9.:[\]-]{1,230}\/[A-Za-z0-9_-]{1,255}$/;

/** By the word that people type, as `:wave:`. What is no picture, or only a sticker, is left out. */
export function emotesIn(packs: Iterable<JsonObject>): ReadonlyMap<string, Emote> {
  const emotes = new Map<string, Emote>();
  for (const pack of packs) {
    const images = isJsonObject(pack['images']) ? pack['images'] : {};
    for (const name of Object.keys(images)) {
      if (emotes.size >= MAX_EMOTES) return emotes;
      const image = images[name];
      const mxc = isJsonObject(image) && isEmoticon(image) ? stringIn(image, 'url') : undefined;
      if (mxc !== undefined && MXC.test(mxc) && NAME.test(name)) emotes.set(`:${name}:`, { id: name, mxc });
    }
  }
  return emotes;
}

/** Without a word on what it is for, a picture is for everything. */
function isEmoticon({ usage }: JsonObject): boolean {
  return !Array.isArray(usage) || usage.length === 0 || usage.includes('emoticon');
}
