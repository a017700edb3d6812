import { type Branded, MAX_IDENTIFIER_BYTES } from './brand.ts';

export type ServerName = Branded<'ServerName'>;

export interface ServerNameParts {
  /** Without the brackets of an IPv6 literal. */
  readonly host: string;
  readonly kind: 'dns' | 'ipv4' | 'ipv6';
  readonly port?: number;
}

const SERVER_NAME = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9A-Za-z.-]{1,255}))(?::([0-9]{1,5}))?$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const HEX_GROUP = /^[0-9A-Fa-f]{1,4}$/;

function isIpv4(text: string): boolean {
  return IPV4.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

/** Whether `text` is an IPv6 address: eight groups, or fewer around one `::`, the last two perhaps as an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  let count = groups.length;
  if (last?.includes('.')) {
    if (!isIpv4(last) || text.endsWith('::')) return false;
    groups.pop();
    count += 1;
  }
  if (!groups.every((group) => HEX_GROUP.test(group))) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** The parts of a server name, or undefined if `text` is none. Source: https://spec.matrix.org/v1.19/appendices/#server-name */
export function parseServerName(text: string): ServerNameParts | undefined {
  if (text.length > MAX_IDENTIFIER_BYTES) return undefined;
  const match = SERVER_NAME.exec(text);
  if (!match) return undefined;
  const [, ipv6, name, portText] = match;
  const port = portText === undefined ? {} : { port: Number(portText) };
  if (port.port !== undefined && port.port > 65535) return undefined;
  if (ipv6 !== undefined) return isIpv6(ipv6) ? { host: ipv6, kind: 'ipv6', ...port } : undefined;
  if (name === undefined) return undefined;
  return { host: name, kind: isIpv4(name) ? 'ipv4' : 'dns', ...port };
}

/** Whether `text` is a server name. Names are compared with regard to case. */
export function isServerName(text: unknown): text is ServerName {
  return typeof text === 'string' && parseServerName(text) !== undefined;
}
