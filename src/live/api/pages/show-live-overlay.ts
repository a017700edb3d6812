import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { livePage } from '../../pages/live-page.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

const BODY = '<div id="raid" hidden></div><section id="poll" hidden></section><ol id="lines"></ol>';

/** `GET …/live/overlay/{channel}#key=…`: the key is behind `#`, where no server sees it. */
export const showLiveOverlay = endpoint({
  name: 'showLiveOverlay',
  extension: EXTENSION,
  summary: 'The chat of a channel as a page for streaming programs',
  method: 'get',
  paths: [`${LIVE_PATH}/overlay/{channel}`],
  auth: 'none',
  // Costs next to nothing, and many viewers may be behind one address.
  rateLimit: false,
  async handle({ params }, { live }: { live: LiveServices }) {
    const { channelId } = live.book.get(params.channel).live;
    return livePage({
      ...{ title: 'Chat overlay', name: 'overlay', channel: channelId, ancestors: [] },
      ...{ body: BODY, gateway: new URL(live.gatewayUrl).origin },
    });
  },
});
