import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { group, list, network, oneOf, optional, path, pattern, text, webAddress, whole } from '../fields.ts';
import { reason } from '../file-errors.ts';
import { inspectKeyFile } from '../inspect-key-file.ts';

export const serverName = pattern({
  comment:
    'The name behind the colon of user ids and room aliases, as in @alice:example.org. It cannot be changed later.',
  example: 'localhost',
  matches: /^(?=.{1,230}$)([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/,
  expected: 'a server name such as example.org, with a port if it has one',
});

export const publicBaseUrl = optional(
  webAddress({
    comment:
      'Where clients reach this server from outside; handed out by /.well-known/matrix/client.\nIf left out: https:// and the server name.',
    example: 'http://localhost:8008',
  }),
);

export const dataDir = path({
  comment:
    'Folder of everything that must be kept: database, media and signing key, unless they are put elsewhere below.\nRelative paths in this file start at the folder of this file.',
  default: 'data',
  inspect: (folder) =>
    existsSync(folder) && !statSync(folder).isDirectory() ? `expected a folder, found the file ${folder}` : undefined,
});

export const signingKey = path({
  comment: 'The key that signs what this server says; made at the first start. Keep a copy of it.',
  inDataDir: 'signing.key',
  inspect: inspectKeyFile,
});

export const listeners = list({
  comment:
    'Where the server listens: addresses with ports, or Unix sockets. Put a reverse proxy with TLS in front, or give a\ncertificate: other servers speak TLS only, and come to port 8448 unless they are told otherwise.',
  default: [{ bind: '127.0.0.1', port: 8008 }],
  item: group({
    comment: 'One listener.',
    fields: {
      bind: text({ comment: 'Address to listen on; "::" or "0.0.0.0" for all.', default: '127.0.0.1' }),
      port: optional(whole({ comment: 'TCP port.', min: 0, max: 65535 })),
      socket: optional(path({ comment: 'Path of a Unix socket, in place of address and port.' })),
      socket_mode: pattern({
        comment: 'Permissions of the Unix socket.',
        default: '660',
        matches: /^0?[0-7]{3}$/,
        expected: 'an octal mode in quotes, such as "660"',
      }),
      tls_certificate: optional(
        path({ comment: 'PEM file of the certificate and those between it and an authority.', inspect: unreadable }),
      ),
      tls_key: optional(path({ comment: 'PEM file of the private key.', inspect: unreadable })),
      serves: list({
        comment: 'Who is answered there: clients, other servers, or both.',
        default: ['client', 'federation'],
        item: oneOf({ comment: 'Who.', values: ['client', 'federation'] }),
      }),
      x_forwarded_proxies: list({
        comment: 'Proxies whose X-Forwarded-For header is believed. Listeners on a Unix socket believe it always.',
        default: [],
        item: network({ comment: 'Address or network of a proxy.', example: '127.0.0.1' }),
      }),
    },
    check: ({ port, socket, tlsCertificate, tlsKey }) => [
      ...((port === undefined) === (socket === undefined)
        ? [['port', 'expected either a port or a socket, and not both'] as const]
        : []),
      ...((tlsCertificate === undefined) === (tlsKey === undefined)
        ? []
        : [['tls_certificate', 'expected both tls_certificate and tls_key, or neither'] as const]),
    ],
  }),
});

function unreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return `cannot read ${file}: ${reason(error)}`;
  }
}
