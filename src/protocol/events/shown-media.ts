import { parseMxcUri } from '../identifiers/mxc-uri.ts';

const ADDRESS = /mxc:\/\/[^"\\/\s]{1,255}\/[\w-]{1,255}/g;
/** Files that one message can show. */
const MOST = 50;

/** The `mxc:` addresses in the JSON of an event, each once. */
export function shownMedia(json: string): string[] {
  if (!json.includes('mxc://')) return [];
  const found = new Set<string>();
  for (const [address] of json.matchAll(ADDRESS)) {
    if (found.size < MOST && parseMxcUri(address)) found.add(address);
  }
  return [...found];
}
