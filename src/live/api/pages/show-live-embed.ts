import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { livePage } from '../../pages/live-page.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

const BODY = `<header><span id="status" hidden>LIVE</span><h1 id="title" dir="auto">Live chat</h1><span id="viewers"></span>
<span id="state" role="status"></span></header>
<aside><div id="system" role="alert" hidden></div><div id="raid" role="status" hidden></div>
<div id="held" role="region" aria-label="Waits for a moderator" hidden></div>
<div id="pin" role="region" aria-label="Pinned message" hidden></div><section id="poll" aria-label="Poll" hidden></section></aside>
<main><ol id="lines" role="log" aria-live="polite" aria-label="Chat" tabindex="0"></ol>
<button id="more" type="button" hidden>New messages ↓</button><div id="sky" aria-hidden="true"></div></main>
<footer><div id="reactions" role="group" aria-label="Reactions"></div>
<div id="picker" role="group" aria-label="Emotes" hidden></div>
<div id="answering" hidden></div>
<form id="write" hidden><button id="emotes" type="button" aria-label="Emotes" aria-expanded="false" aria-controls="picker">☺</button>
<input id="text" maxlength="500" placeholder="Say something" aria-label="Message" dir="auto"
  autocomplete="off" enterkeyhint="send"><button id="send">Send</button></form>
<button id="acknowledge" type="button" hidden>I have understood</button>
<button id="sign-in" type="button" hidden>Sign in to chat</button><p id="note"><span id="hint" role="status"></span> <span id="wait" aria-hidden="true"></span></p></footer>`;

/** `GET …/live/embed/{channel}`: for a frame on any site that the channel allows, and to open by itself. */
export const showLiveEmbed = endpoint({
  name: 'showLiveEmbed',
  extension: EXTENSION,
  summary: 'The chat of a channel as a page, for frames of the sites that the channel names',
  method: 'get',
  paths: [`${LIVE_PATH}/embed/{channel}`],
  auth: 'none',
  // Costs next to nothing, and many viewers may be behind one address.
  rateLimit: false,
  async handle({ params }, { live }: { live: LiveServices }) {
    const { live: room, state } = live.book.get(params.channel);
    return livePage({
      ...{ title: state.title ?? 'Live chat', name: 'embed', channel: room.channelId, body: BODY },
      ...{ ancestors: ["'self'", ...state.embedOrigins.filter(isOrigin)], gateway: new URL(live.gatewayUrl).origin },
    });
  },
});

/** What the state of a room names must not say more in the header than one origin. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
