/** All options of `homeserver.yaml`, in the order of the sample file. */
import { live } from '../live/settings/live-section.ts';
import { group, type ValuesOf } from './fields.ts';
import { login, password, registration, sessions } from './sections/accounts.ts';
import { appservices } from './sections/appservices.ts';
import { captcha } from './sections/captcha.ts';
import { database } from './sections/database.ts';
import { delayedEvents } from './sections/delayed-events.ts';
import { email } from './sections/email.ts';
import { federation } from './sections/federation.ts';
import { inbox } from './sections/inbox.ts';
import { limits } from './sections/limits.ts';
import { media } from './sections/media.ts';
import { metrics } from './sections/metrics.ts';
import { outbox } from './sections/outbox.ts';
import { outgoing } from './sections/outgoing.ts';
import { policyServer } from './sections/policy-server.ts';
import { logging, shutdown } from './sections/process.ts';
import { push } from './sections/push.ts';
import { rateLimits } from './sections/rate-limits.ts';
import { redis } from './sections/redis.ts';
import { retention } from './sections/retention.ts';
import { idempotency, presence, rooms } from './sections/rooms.ts';
import { search } from './sections/search.ts';
import { dataDir, listeners, publicBaseUrl, serverName, signingKey } from './sections/server.ts';
import { serverNotices } from './sections/server-notices.ts';
import { urlPreviews } from './sections/url-previews.ts';
import { userDirectory } from './sections/user-directory.ts';
import { voip } from './sections/voip.ts';

export const schema = group({
  comment: '',
  fields: {
    server_name: serverName,
    public_base_url: publicBaseUrl,
    data_dir: dataDir,
    signing_key: signingKey,
    listeners,
    database,
    redis,
    registration,
    captcha,
    login,
    password,
    email,
    sessions,
    rooms,
    media,
    presence,
    appservices,
    search,
    delayed_events: delayedEvents,
    retention,
    user_directory: userDirectory,
    server_notices: serverNotices,
    url_previews: urlPreviews,
    push,
    voip,
    federation,
    inbox,
    policy_server: policyServer,
    live,
    outbox,
    outgoing,
    rate_limits: rateLimits,
    limits,
    idempotency,
    metrics,
    logging,
    shutdown,
  },
  check: ({ registration: { email: wanted }, email: { smtpHost } }) =>
    wanted !== 'none' && smtpHost === undefined
      ? [['registration', 'expected email.smtp_host, for registration.email needs mail to be sent']]
      : [],
});

/**
 * The configuration as the program reads it: names in camel case, durations in milliseconds, sizes in bytes, paths
 * absolute, every default filled in.
 */
export type Config = ValuesOf<typeof schema.fields> & {
  /** Never undefined in a loaded configuration. */
  readonly publicBaseUrl: string;
};
