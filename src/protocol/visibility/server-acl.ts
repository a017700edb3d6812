/**
 * Which servers may take part in a room.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroomserver_acl
 */
import { compileGlob, type TextMatcher } from '../glob.ts';
import { parseServerName } from '../identifiers/server-name.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/**
 * Whether the `m.room.server_acl` content lets the server in. Without such an event, everybody is let in. Names are
 * compared without port and without regard to case. What is no server name is not let in.
 */
export function serverAclAllows(content: JsonObject | undefined, serverName: string): boolean {
  if (!content) return true;
  const server = parseServerName(serverName);
  if (!server) return false;
  if (server.kind !== 'dns' && content['allow_ip_literals'] === false) return false;
  const name = (server.kind === 'ipv6' ? `[${server.host}]` : server.host).toLowerCase();
  const lists = compiledLists(content);
  return !lists.deny(name) && lists.allow(name);
}

interface AclLists {
  readonly allow: TextMatcher;
  readonly deny: TextMatcher;
}

const compiled = new WeakMap<JsonObject, AclLists>();

function compiledLists(content: JsonObject): AclLists {
  const known = compiled.get(content);
  if (known) return known;
  const lists = { allow: compileList(content['allow']), deny: compileList(content['deny']) };
  compiled.set(content, lists);
  return lists;
}

/** Lists of bans hold thousands of plain names, which are looked up, and few patterns, which are tried. */
function compileList(list: JsonValue | undefined): TextMatcher {
  const names = new Set<string>();
  const patterns: TextMatcher[] = [];
  for (const entry of Array.isArray(list) ? list : []) {
    if (typeof entry !== 'string') continue;
    const pattern = entry.toLowerCase();
    if (/[*?]/.test(pattern)) patterns.push(compileGlob(pattern));
    else names.add(pattern);
  }
  return (name) => names.has(name) || patterns.some((matches) => matches(name));
}
