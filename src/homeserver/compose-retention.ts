/** Composes what deletes messages whose time is over. */
import type { Config } from '../config/schema.ts';
import { Retention, type RetentionParts } from '../services/retention/retention.ts';
import type { RetentionPolicy } from '../services/retention/retention-policy.ts';
import { UnusedMedia, type UnusedMediaParts } from '../services/retention/unused-media.ts';
import type { Loggers } from '../util/logger.ts';

export type RetentionFoundations = Omit<RetentionParts, 'policy' | 'media' | 'logger' | 'settings'> &
  Omit<UnusedMediaParts, 'remote' | 'serverName'> & {
    readonly config: Config;
    readonly loggers: Loggers;
    readonly retentionPolicy: RetentionPolicy;
    readonly remoteMedia: UnusedMediaParts['remote'];
  };

export function composeRetention(on: RetentionFoundations) {
  const { config, retentionPolicy: policy, remoteMedia: remote } = on;
  const media = new UnusedMedia({ ...on, remote, serverName: config.serverName });
  const settings = { ...config.retention, transactionWindow: config.idempotency.window };
  const logger = on.loggers.named('retention');
  return { retention: new Retention({ ...on, policy, media, logger, settings }) };
}
