import { type Reply, raw } from '../../http/reply.ts';

const STYLE = `
:root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.2rem; box-sizing: border-box }
main { width: 100%; max-width: 26rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; line-height: 1.25 }
button, a.button { display: block; width: 100%; box-sizing: border-box; padding: .9rem; margin-top: 1.4rem; border: 0;
  border-radius: .7rem; background: #0b7a4b; color: #fff; font: inherit; text-align: center; text-decoration: none }
label { display: block } label + label { margin-top: .8rem } label.choice { padding: .6rem 0 }
label.choice input { display: inline; width: 1.2rem; height: 1.2rem; margin: 0 .5rem 0 0; vertical-align: middle }
input { display: block; width: 100%; box-sizing: border-box; padding: .8rem; margin-top: .4rem;
  border: 1px solid #8888; border-radius: .7rem; font: inherit }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid #6cf; outline-offset: 2px }`;

/** Nothing but the page itself, from nowhere else, in no frame. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
};

/** A page that people see, on a phone too. @param body HTML; whatever is not of this server is {@link escapeHtml}d */
export function page(status: number, title: string, body: string): Reply {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`;
  return raw(
    status,
    HEADERS,
    `<!doctype html><html lang="en"><head>${head}<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
      `<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`,
  );
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
