/** Composes what deletes messages whose time is over. */
import type { Config } from '../config/schema.ts';
import { Retention, type RetentionParts } from '../services/retention/retention.ts';
import type { RetentionPolicy } from '../services/retention/retention-policy.ts';
import { UnusedMedia, type UnusedMediaParts } from '../services/retention/unused-media.ts';
import type { Loggers } from '../util/logger.ts';

export type RetentionFoundations = Omit<RetentionParts, 'policy' | 'media' | 'logger' | 'settings'> &
  Omit<UnusedMediaParts, 'remote' | 'serverName' | 'lifetime' | 'logger'> & {
    readonly config: Config;
    readonly loggers: Loggers;
    readonly retentionPolicy: RetentionPolicy;
    readonly remoteMedia: UnusedMediaParts['remote'];
  };

export function composeRetention(on: RetentionFoundations) {
  const { config, retentionPolicy: policy, remoteMedia: remote } = on;
  const logger = on.loggers.named('retention');
  const { localLifetime: lifetime } = config.media;
  const media = new UnusedMedia({ ...on, remote, serverName: config.serverName, lifetime, logger });
  const settings = { ...config.retention, transactionWindow: config.idempotency.window };
  return { retention: new Retention({ ...on, policy, media, logger, settings }), unusedMedia: media };
}
