/** Composes what the server itself tells its users. */
import type { Config } from '../config/schema.ts';
import { ServerNotices, type ServerNoticesParts } from '../services/server-notices/server-notices.ts';

/** Who brings server notices, if anybody does. */
export function noticesUserOf({ serverName, serverNotices }: Config): string | undefined {
  return serverNotices.localpart === undefined ? undefined : `@${serverNotices.localpart}:${serverName}`;
}

export function composeServerNotices(config: Config, on: Omit<ServerNoticesParts, 'settings'>) {
  const settings = { userId: noticesUserOf(config), ...config.serverNotices };
  return { serverNotices: new ServerNotices({ ...on, settings }) };
}
