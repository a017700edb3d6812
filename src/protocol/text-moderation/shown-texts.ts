/** Every text of an event that a client may show, wherever in the content it stands, for filters to look at. */
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { readHtml } from './html-text.ts';

/** Keys whose strings are shown, in messages, extensible events, polls, reactions, members and the state of rooms. */
const SHOWN = new Set([
  ...['body', 'filename', 'name', 'topic', 'displayname', 'reason', 'key', 'caption', 'description', 'title'],
  ...['m.text', 'org.matrix.msc1767.text', 'm.message', 'org.matrix.msc1767.message', 'm.name', 'm.topic', 'm.caption'],
  ...['external_url', 'label', 'question', 'value'],
]);
const SHOWN_AS_HTML = new Set(['formatted_body', 'm.html', 'org.matrix.msc1767.html']);

/** Content is no deeper than this where it came through the parser of requests. */
const MAX_DEPTH = 20;
/** Texts beyond are not collected: an event of 64 KiB has room for more, and no client shows them. */
const MAX_TEXTS = 500;

/** The texts in the order of their places; HTML as its text and its addresses. */
export function shownTexts(content: JsonObject): readonly string[] {
  const texts: string[] = [];
  collect(content, 0, texts);
  return texts;
}

function collect(value: JsonObject, depth: number, texts: string[]): void {
  for (const key of Object.keys(value)) {
    if (texts.length >= MAX_TEXTS) return;
    const child = value[key];
    if (typeof child === 'string') addText(key, child, texts);
    else if (depth < MAX_DEPTH) collectBelow(child, key, depth + 1, texts);
  }
}

function collectBelow(child: JsonValue | undefined, key: string, depth: number, texts: string[]): void {
  if (isJsonObject(child)) collect(child, depth, texts);
  if (!Array.isArray(child)) return;
  for (const entry of child) {
    if (texts.length >= MAX_TEXTS) return;
    if (typeof entry === 'string') addText(key, entry, texts);
    else if (isJsonObject(entry) && depth < MAX_DEPTH) collect(entry, depth + 1, texts);
  }
}

function addText(key: string, text: string, texts: string[]): void {
  if (SHOWN.has(key)) texts.push(text);
  if (!SHOWN_AS_HTML.has(key)) return;
  const html = readHtml(text);
  texts.push(html.text, ...html.addresses);
}
