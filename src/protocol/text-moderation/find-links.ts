/** Finds what clients make links of, and what people type so that readers do. */

/** Names after the last dot that people post links to; others count with a scheme, `www.` or a path behind them. */
const KNOWN_ENDINGS = new Set(
  (
    'com net org info biz io gg tv me co app dev xyz site online shop store live club link top ru su ua by kz cn jp kr in ' +
    'de at ch fr it es pt nl be pl cz sk hu ro bg gr tr se no fi dk ee lv lt uk ie us ca mx br ar cl au nz za eu ly to ' +
    'cc ws fm am im is sh ai bet casino porn xxx sex icu click fun vip win work world space website tech cloud page ' +
    'moe ninja wtf lol tk ml ga cf gq pw la gd vc sc st tl nu li lu mobi name pro tel asia cat edu gov'
  ).split(' '),
);

const SCHEME = /(?<![\p{L}\p{N}])(?:https?|ftp|magnet|mailto|tel|steam|discord|tg|matrix|mxc):\/{0,2}[^\s<>"']+/giu;
/** A name of at least two labels, its port and its path. The bounds are those of DNS. */
const NAME =
  /(?<![\p{L}\p{N}@._-])(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,9}([\p{L}][\p{L}\p{N}-]{1,62})(?::\d{1,5})?([/?#][^\s<>"']*)?/giu;
const ADDRESS = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|\/)[^\s<>"']*/g;
/** `dot` between brackets, as in `example (dot) com`; bounded, so that long blanks cost nothing. */
const SPELT_DOT = /\s{0,3}[([{]\s{0,3}(?:dot|punkt|\.)\s{0,3}[)\]}]\s{0,3}/giu;
const OTHER_DOTS = /[。．｡․]/gu;
const INVISIBLE = /\p{Cf}/gu;

/** The links of a text as they stand in it, in order; at most `limit`. */
export function findLinks(text: string, limit = 20): readonly string[] {
  const plain = text.replace(INVISIBLE, '').replace(OTHER_DOTS, '.').replace(SPELT_DOT, '.');
  const found: { start: number; link: string }[] = [];
  for (const { index, 0: link } of [...plain.matchAll(SCHEME), ...plain.matchAll(ADDRESS)]) {
    found.push({ start: index, link });
  }
  for (const { index, 0: link, 1: ending = '', 2: path } of plain.matchAll(NAME)) {
    const isLink = path !== undefined || /^www\./i.test(link) || KNOWN_ENDINGS.has(ending.toLowerCase());
    if (isLink) found.push({ start: index, link });
  }
  return outermost(found).slice(0, limit);
}

/** Those that are no part of the one before, in order. */
function outermost(found: { start: number; link: string }[]): string[] {
  let end = 0;
  return found
    .sort((a, b) => a.start - b.start || b.link.length - a.link.length)
    .filter(({ start, link }) => {
      if (start < end) return false;
      end = start + link.length;
      return true;
    })
    .map(({ link }) => link);
}
