import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Says where a request comes from. */
export type ClientAddress = (incoming: IncomingMessage) => string;

function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/**
 * Reads the address of the client behind the proxies that are trusted: `X-Forwarded-For` is read from its end, where
 * trusted proxies write, and everything before the first stranger was written by that stranger. Who connects by a
 * Unix socket has no address and is a proxy of this machine.
 *
 * @param proxies addresses and networks, as `10.0.0.0/8`.
 */
export function clientAddress(proxies: readonly string[]): ClientAddress {
  const list = listOf(proxies);
  const isTrusted = (address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (incoming) => {
    const remote = incoming.socket.remoteAddress;
    const peer = remote === undefined ? 'unix' : plain(remote);
    if (remote !== undefined && (proxies.length === 0 || !isTrusted(peer))) return peer;
    const forwarded = incoming.headers['x-forwarded-for'];
    if (forwarded === undefined) return peer;
    let client = peer;
    for (const hop of String(forwarded).split(',').reverse()) {
      const address = plain(hop.trim());
      if (isIP(address) === 0) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client;
  };
}

/** What counts as one client for rate limits: an IPv4 address, or the /64 that one customer of a provider has. */
export function limitKey(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + after < 8 && groups.length < 4) groups.push('0');
    groups.push(...tail.split(':'));
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase() || '0')
    .join(':');
}
