import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Options } from './engines.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, with what was encoded decoded. */
  readonly text: string;
  /** The link in it. */
  readonly link: URL;
}

/** A real SMTP server on this machine. */
export interface TestMailServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** Refuses what comes while this is true. */
  isFull: boolean;
  /** The section `email` of a homeserver that sends mail by it, in the clear. */
  readonly options: Options;
  stop(): Promise<void>;
}

function decoded(raw: string): string {
  return raw
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export async function startMailServer(
  options: SMTPServerOptions = { authOptional: true, disabledCommands: ['STARTTLS'] },
) {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (mailServer.isFull) return done(new Error('the disk is full'));
        const text = decoded(Buffer.concat(chunks).toString());
        const { mailFrom, rcptTo } = session.envelope;
        const link = new URL(/https?:\/\/\S+/.exec(text)?.[0] ?? 'none:');
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((to) => to.address),
          text,
          link,
        });
        done();
      });
    },
  });
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const mailServer: TestMailServer = {
    port,
    received,
    isFull: false,
    options: { smtp_host: '127.0.0.1', smtp_port: port, smtp_security: 'none', from: 'Chat <chat@test.example>' },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mailServer;
}
