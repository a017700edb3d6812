import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

const TYPES = { A: 1, AAAA: 28, SRV: 33 } as const;
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** A record: text of an address, or for SRV priority, weight, port and target. */
export interface DnsRecord {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly ttl: number;
  readonly data: string | readonly [priority: number, weight: number, port: number, target: string];
}

export interface DnsServer {
  /** `address:port` */
  readonly at: string;
  /** Names that were asked for. */
  readonly asked: readonly string[];
  close(): void;
}

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** A name server on a loopback port: answers from `records`, with failure for `failing` names and NXDOMAIN for others. */
export async function startDnsServer(
  records: readonly DnsRecord[],
  failing: readonly string[] = [],
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, end } = questionName(query);
    const type = query.readUInt16BE(end);
    asked.push(name);
    const ofName = records.filter((record) => record.name === name);
    const answers = ofName.filter((record) => TYPES[record.type] === type);
    const code = failing.includes(name) ? SERVFAIL : ofName.length === 0 ? NXDOMAIN : 0;
    const head = Buffer.alloc(12);
    head.writeUInt16BE(query.readUInt16BE(0), 0);
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    socket.send(
      Buffer.concat([head, query.subarray(12, end + 4), ...answers.map(encodeRecord)]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  const { port } = socket.address() as AddressInfo;
  return { at: `127.0.0.1:${port}`, asked, close: () => socket.close() };
}

function questionName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function encodeRecord({ name, type, ttl, data }: DnsRecord): Buffer {
  const bytes = encodeData(type, data);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPES[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(bytes.length, 8);
  return Buffer.concat([encodeName(name), fixed, bytes]);
}

function encodeData(type: DnsRecord['type'], data: DnsRecord['data']): Buffer {
  if (typeof data !== 'string') {
    const [priority, weight, port, target] = data;
    const numbers = Buffer.alloc(6);
    for (const [index, number] of [priority, weight, port].entries()) numbers.writeUInt16BE(number, 2 * index);
    return Buffer.concat([numbers, encodeName(target)]);
  }
  if (type === 'A') return Buffer.from(data.split('.').map(Number));
  return Buffer.from(
    data
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}
