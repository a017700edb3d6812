import type { SecureContext } from 'node:tls';
import { createTransport, type Transporter } from 'nodemailer';
import { LimitedConcurrency } from '../util/limited-concurrency.ts';

export interface MailSettings {
  readonly smtpHost?: string | undefined;
  readonly smtpPort: number;
  readonly smtpSecurity: 'starttls' | 'tls' | 'none';
  readonly smtpUser?: string | undefined;
  readonly smtpPassword?: string | undefined;
  readonly from: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly connections: number;
  /** Mails that may wait. */
  readonly queue: number;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail could not be handed over to the mail server. */
export class MailError extends Error {
  override readonly name = 'MailError';
}

/**
 * Hands mail over to the mail server of the configuration, which may be in any network: it is the administrator's, and
 * nobody else chooses where this client connects to.
 */
export class MailClient {
  private readonly transport: Transporter;
  private readonly from: string;
  private readonly turns: LimitedConcurrency;

  constructor(host: string, settings: MailSettings, trust: SecureContext) {
    const { smtpSecurity: security, smtpUser: user, smtpPassword: pass, timeout } = settings;
    this.from = settings.from;
    this.turns = new LimitedConcurrency({ running: settings.connections, waiting: settings.queue });
    this.transport = createTransport({
      host,
      port: settings.smtpPort,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
      tls: { secureContext: trust },
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      dnsTimeout: timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** @throws MailError */
  async send(mail: Mail): Promise<void> {
    // As an object, the address is taken as it is and never as a list of several.
    const to = { name: '', address: mail.to };
    try {
      await this.turns.run(
        () => this.transport.sendMail({ ...mail, to, from: this.from }),
        () => new MailError('too many mails are waiting'),
      );
    } catch (error) {
      if (error instanceof MailError) throw error;
      throw new MailError('the mail server did not take a mail', { cause: error });
    }
  }
}
