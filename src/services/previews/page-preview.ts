import type { JsonObject } from '../../protocol/json.ts';
import { type PageFacts, plain } from './read-page.ts';

/** What is told of a page, and the address of its picture, which is still to be fetched. */
export interface PagePreview {
  readonly properties: ReadonlyMap<string, string>;
  readonly image: string | undefined;
}

const MAX_TITLE = 300;
const MAX_DESCRIPTION = 500;
const MAX_OTHER = 1_000;
/** Names of the picture, each in the place of those after it. */
const IMAGES = ['og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src'];

/**
 * OpenGraph, with what the page says elsewhere where that is silent.
 * Source: https://ogp.me/ and https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediapreview_url
 */
export function pagePreview(facts: PageFacts, embed: JsonObject | undefined): PagePreview {
  const told = new Map<string, string>();
  for (const [name, value] of facts.properties) {
    // Of a picture only this server's own copy is told.
    if (name.startsWith('og:') && !name.startsWith('og:image') && value !== '') told.set(name, short(value, MAX_OTHER));
  }
  const { properties } = facts;
  const fill = (name: string, most: number, ...candidates: (string | undefined)[]) => {
    const value = candidates.map((text) => plain(text ?? '')).find((text) => text !== '');
    if (value !== undefined) told.set(name, short(value, most));
  };
  fill('og:title', MAX_TITLE, told.get('og:title'), properties.get('twitter:title'), textIn(embed, 'title'));
  if (!told.has('og:title')) fill('og:title', MAX_TITLE, facts.title, facts.heading);
  const described = [told.get('og:description'), properties.get('twitter:description'), properties.get('description')];
  fill('og:description', MAX_DESCRIPTION, ...described, facts.text);
  fill('og:site_name', MAX_TITLE, told.get('og:site_name'), textIn(embed, 'provider_name'));
  const image = IMAGES.map((name) => properties.get(name)).find((value) => value !== undefined && value !== '');
  return { properties: told, image: image ?? pictureIn(embed) ?? facts.image };
}

function pictureIn(embed: JsonObject | undefined): string | undefined {
  return textIn(embed, 'type') === 'photo' ? textIn(embed, 'url') : textIn(embed, 'thumbnail_url');
}

function textIn(embed: JsonObject | undefined, key: string): string | undefined {
  const value = embed?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** At most so many characters, cut between words. */
function short(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const end = cut.lastIndexOf(' ');
  return `${(end > most / 2 ? cut.slice(0, end) : cut).replace(/\p{Surrogate}$/u, '')}…`;
}
