import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam, unknownToken } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import type { TicketHolder } from '../../services/bound-secrets.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';

const secret = Type.Optional(Type.String({ minLength: 1, maxLength: 512 }));

/** `POST …/channels/{channel}/pass` */
export const createPass = endpoint({
  name: 'createLivePass',
  extension: EXTENSION,
  summary: 'What stands for somebody in one channel where no WebSocket gets through, for a ticket or what follows one',
  method: 'post',
  paths: [`${CHANNEL_PATH}/pass`],
  auth: 'none',
  rateLimit: 'general',
  body: Type.Object({ ticket: secret, resume: secret, pass: secret }),
  async handle({ params, body, request }, { live }: { live: LiveServices }) {
    const { channelId } = live.book.get(params.channel).live;
    const { origin } = request.headers;
    const holder = await holderOf(live, channelId, body, origin);
    if (!holder) throw unknownToken({ text: 'Sign in again' });
    const pass = live.passes.issue(holder, channelId, origin);
    // A WebSocket that gets through after all takes it; there is no connection that it is bound to.
    const resume = live.access.secretFor(holder, origin);
    live.access.cut(resume);
    return { pass, expires_in_ms: live.passes.lifeMs, resume };
  },
});

interface Shown {
  readonly ticket?: string;
  readonly resume?: string;
  readonly pass?: string;
}

async function holderOf(
  { access, passes, origins }: LiveServices,
  channelId: string,
  { ticket, resume, pass }: Shown,
  origin: string | undefined,
): Promise<TicketHolder | undefined> {
  if (ticket !== undefined) return access.redeem({ kind: 'ticket', text: ticket }, origin, [channelId]);
  if (resume !== undefined) return access.redeem({ kind: 'resume', text: resume }, origin, [channelId]);
  if (pass === undefined) throw invalidParam('Show a ticket, a resume secret or a pass');
  return origins.allow(origin, [channelId]) ? passes.holder(pass, { channelId, origin, isReading: false }) : undefined;
}
