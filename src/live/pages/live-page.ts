/** The pages of live rooms: a shell each, with its style and script in files of their own, so that nothing is inline. */
import { type Reply, raw } from '../../http/reply.ts';
import { importedBy } from './page-files.ts';

export interface LivePage {
  readonly title: string;
  /** Name of the script, and of the style. */
  readonly name: 'embed' | 'overlay' | 'sign-in';
  readonly channel: string;
  /** HTML of ours. */
  readonly body: string;
  /** Origins of pages that may frame it; `*`: any. */
  readonly ancestors: readonly string[];
  /** Origin of the gateway, as `wss://example.org`. */
  readonly gateway: string;
}

/** From this server alone, and the sockets of its gateway. */
export function livePage({ title, name, channel, body, ancestors, gateway }: LivePage): Reply {
  const policy = [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "base-uri 'none'"],
    `connect-src 'self' ${gateway}`,
    `form-action ${name === 'sign-in' ? "'self'" : "'none'"}`,
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  ];
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'public, max-age=60',
  };
  const up = name === 'sign-in' ? '' : '../';
  const head =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">' +
    `<title>${escaped(title)}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${up}page/${name}.css">` +
    [...importedBy(`${name}-page.js`)].map((file) => `<link rel="modulepreload" href="${up}page/${file}">`).join('') +
    `<script type="module" src="${up}page/${name}-page.js"></script>`;
  return raw(
    200,
    headers,
    `<!doctype html><html lang="en" data-channel="${escaped(channel)}"><head>${head}</head><body>${body}</body></html>`,
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
