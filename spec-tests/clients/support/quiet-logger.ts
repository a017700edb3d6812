import { type Logger, logger } from 'matrix-js-sdk/lib/logger.js';

/** What loglevel adds to the logger of matrix-js-sdk, absent from its type. */
interface LoglevelLogger {
  methodFactory: () => () => void;
  rebuild(): void;
}

const silent = () => undefined;

const quiet: Logger = {
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  getChild: () => quiet,
};

/**
 * A logger that says nothing, unless `CLIENT_LOG` is set: the SDK logs every request and every key, and a failing test
 * says by itself what it waited for.
 */
export function quietLogger(): Logger {
  if (process.env.CLIENT_LOG !== undefined) return logger;
  const shared = logger as unknown as LoglevelLogger;
  shared.methodFactory = () => silent;
  shared.rebuild();
  // Some modules of the SDK have bound the console by now.
  console.debug = silent;
  // The SDK turns the log of the crypto core on for each client, and has no setting for it.
  return quiet;
}

/** The same for the crypto core: the SDK turns its log on for each client, and has no setting for it. */
export async function quietCryptoCore(): Promise<void> {
  if (process.env.CLIENT_LOG !== undefined) return;
  const { Tracing } = await import('@matrix-org/matrix-sdk-crypto-wasm');
  Tracing.prototype.turnOn = Tracing.prototype.turnOff;
}
