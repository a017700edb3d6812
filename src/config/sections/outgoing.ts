import { readFileSync } from 'node:fs';
import { duration, flag, group, list, network, path, size, whole } from '../fields.ts';
import { reason } from '../file-errors.ts';

const count = (comment: string, standard: number) => whole({ comment, default: standard, min: 1, max: 1_000_000 });

export const outgoing = group({
  comment:
    'Connections to other servers, whatever for. Only addresses of the public internet are connected to, unless they are allowed\nhere. Proxies are not used.',
  fields: {
    allow: list({
      comment:
        'Networks that may be connected to although they are not of the public internet.\nOf all networks given here and in `deny`, the narrowest that holds an address decides.',
      default: [],
      item: network({ comment: 'Address or network.', example: '10.0.0.0/8' }),
    }),
    deny: list({
      comment: 'Networks that may not be connected to.',
      default: [],
      item: network({ comment: 'Address or network.', example: '198.41.0.0/24' }),
    }),
    ca_files: list({
      comment: 'PEM files of certificate authorities to trust.',
      default: [],
      item: path({ comment: 'A PEM file.', example: '/etc/igchat/ca.pem', inspect: notCertificates }),
    }),
    public_cas: flag({
      comment: 'Whether the authorities that browsers trust are trusted, too.',
      default: true,
    }),
    connect_timeout: duration({ comment: 'Time to connect.', default: '10s', min: '100ms' }),
    request_timeout: duration({
      comment: 'Time for a request and all of its answer, where nothing else is said.',
      default: '60s',
      min: '1s',
    }),
    dns_timeout: duration({
      comment: 'Time for a name server to answer; each is asked twice.',
      default: '3s',
      min: '100ms',
    }),
    dns_cache_entries: count('Names whose addresses are kept in memory, each for at most an hour.', 20_000),
    max_redirects: whole({ comment: 'Redirects that are followed.', default: 5, min: 0, max: 20 }),
    max_header_size: size({ comment: 'Largest head of an answer.', default: '32KB', min: '4KB' }),
    max_response_size: size({
      comment: 'Largest answer, where nothing else is said. Beyond, the connection is closed.',
      default: '100MB',
      min: '64KB',
    }),
    requests: count('Requests that are sent at the same time; ten times as many may wait.', 1_000),
    requests_per_host: count('Requests to one host at the same time, each on a connection of its own.', 16),
    waiting_per_host: count('Requests to one host that may wait; beyond, they fail at once.', 500),
    hosts: count(
      'Hosts to which connections are kept open; beyond, those of the one unused for longest are closed.',
      2_000,
    ),
    idle_timeout: duration({
      comment: 'A connection that is not used is closed after this long.',
      default: '30s',
      min: '1s',
    }),
  },
});

function notCertificates(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').includes('-----BEGIN CERTIFICATE-----')
      ? undefined
      : `expected certificates in ${file}`;
  } catch (error) {
    return `cannot read ${file}: ${reason(error)}`;
  }
}
