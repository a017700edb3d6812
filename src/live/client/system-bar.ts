/** What administrators have to say, on a page, until its reader has read it. */
import type { LiveClient } from './live-client.ts';
import { make, makeButton, type PageElement } from './page-elements.ts';

export function systemBar(client: LiveClient, bar: PageElement): void {
  client.on('system', ({ level, text, url }) => {
    const link = make('a', 'more', 'Read more');
    const close = makeButton('close', '×', 'Hide this', () => {
      bar.hidden = true;
    });
    const isLink = typeof url === 'string' && /^https:\/\//.test(url);
    if (isLink) {
      link.setAttribute('href', url);
      link.setAttribute('target', '_blank');
      link.setAttribute('rel', 'noopener noreferrer');
    }
    bar.dataset['level'] = String(level);
    const words = make('p', 'words', make('bdi', '', String(text)), ' ', ...(isLink ? [link] : []));
    bar.replaceChildren(words, close);
    bar.hidden = false;
  });
}
