/** The one place where loggers are made. Lines are JSON for machines or text for people; secrets are cut out of both. */
import { type DestinationStream, destination, type Level, pino } from 'pino';

export type Logger = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'>;

export interface LogSettings {
  readonly level: Exclude<Level, 'fatal'> | 'silent';
  readonly format: 'text' | 'json';
  /** Where lines go; standard output if left out. */
  readonly write?: (line: string) => void;
}

const SECRET_KEYS = [
  'access_token',
  'refresh_token',
  'password',
  'new_password',
  'token',
  'authorization',
  'cookie',
  'secret',
  'macaroon',
];

const LEVELS = new Map([
  [10, 'TRACE'],
  [20, 'DEBUG'],
  [30, 'INFO '],
  [40, 'WARN '],
  [50, 'ERROR'],
  [60, 'FATAL'],
]);

/** `2026-01-31T12:00:00.000Z INFO  http: text key=value`, with stacks on lines of their own. */
export function textLine(json: string): string {
  const { level, time, name, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const fields = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)}`,
  );
  const error = err as { stack?: string; message?: string } | undefined;
  const stack = error === undefined ? '' : `\n${error.stack ?? error.message ?? JSON.stringify(error)}`;
  const label = LEVELS.get(Number(level)) ?? String(level);
  return `${new Date(Number(time)).toISOString()} ${label} ${name ?? ''}: ${msg ?? ''}${fields.join('')}${stack}\n`;
}

/** Hides the values of query parameters and headers that grant access, in a text that may hold a URL. */
export function hideSecrets(text: string): string {
  return text.replace(/((?:access_token|loginToken|refresh_token|client_secret)=)[^&\s"']+/gi, '$1[hidden]');
}

export class Loggers {
  readonly #root: pino.Logger;

  constructor(settings: LogSettings) {
    const write = settings.write ?? stdoutWriter();
    const stream: DestinationStream = {
      write: (line) => write(hideSecrets(settings.format === 'text' ? textLine(line) : line)),
    };
    this.#root = pino(
      {
        level: settings.level,
        base: null,
        redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
      },
      stream,
    );
  }

  /** A logger whose lines carry `name`: the folder or part of the server that speaks. */
  named(name: string): Logger {
    return this.#root.child({ name });
  }
}

function stdoutWriter(): (line: string) => void {
  const out = destination({ fd: 1, sync: true });
  return (line) => {
    out.write(line);
  };
}
