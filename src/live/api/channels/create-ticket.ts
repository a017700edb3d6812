import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { TICKET_MS } from '../../services/tickets.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

/** `POST …/live/ticket` */
export const createTicket = endpoint({
  name: 'createLiveTicket',
  extension: EXTENSION,
  summary: 'A ticket by which the requester is known to the gateway, once and for a minute',
  method: 'post',
  paths: [`${LIVE_PATH}/ticket`],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ requester, request }, { live }: { live: LiveServices }) {
    const { userId, deviceId = '' } = requester;
    const ticket = live.tickets.issue({ userId, deviceId }, request.headers.origin);
    return { ticket, expires_in_ms: TICKET_MS, gateway: live.gatewayUrl };
  },
});
