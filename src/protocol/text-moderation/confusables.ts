/**
 * Letters that look like Latin ones and that compatibility normalisation leaves alone, as those of Cyrillic and Greek,
 * by the Latin letter that they are read as. Lower case only: texts are folded to it first. Where Unicode's list of
 * confusables (UTS #39) tells capitals apart by their shape, this table goes by what a reader makes of the word.
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'аαɑᴀ⍺Ꭺⱥᗅꓮ',
  b: 'вьβʙƀɓᏼᏴᗷꓐƃ',
  c: 'сϲᴄƈȼ¢ꞓᏟсⲥꓚ',
  d: 'ԁɗđᴅɖᎠᗞꓓժ',
  e: 'еєεɛᴇҽҿәəɘǝᎬꓰ℮ɇ',
  f: 'ғƒꜰϝꓝꞙք',
  g: 'ɡɢԍǥɠցᏀꓖ',
  h: 'һнʜɦħհᏂᕼꓧ',
  i: 'іɩιıɪƖӏᎥɨⵏꓲ¡',
  j: 'јʝɉᴊյᎫꓙ',
  k: 'кκᴋƙĸҝҟҡᏦꓗⲕ',
  l: 'ʟɭłƚɫℓլᏞꓡ',
  m: 'мᴍɱʍᎷꓟⲙ',
  n: 'пηɴɲƞŋոռꓠղ',
  o: 'оοσөөᴏɵøօഠ๐໐০०૦௦౦೦൦օꓳⲟ○◯',
  p: 'рρᴘƥþᏢꓑⲣ',
  q: 'ԛɋգզ',
  r: 'гʀɍɾᴦяɼᏒꓣꭇ',
  s: 'ѕꜱʂƽᏚꓢ§',
  t: 'тτᴛŧƭᎢꓔⲧ†',
  u: 'цυᴜʉʊսᑌꓴμ',
  v: 'ѵνᴠʋᏙꓦѷ',
  w: 'ԝшщωᴡɯաᎳꓪѡ',
  x: 'хχ×ӽҳхꓫⲭ',
  y: 'уүγʏƴɏұყᎩꓬ',
  z: 'ᴢƶʐȥɀᏃꓜ',
};

/** Letters that NFKC keeps whole, by what they are written as in Latin. */
const SEVERAL: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ꜳ: 'aa', ю: 'io', ы: 'bi', ꜷ: 'au' };

/** Runs of 26 symbols for A to Z: squared, negative circled and negative squared letters, regional indicators. */
const ALPHABETS: readonly number[] = [0x1f130, 0x1f150, 0x1f170, 0x1f1e6];

function makeTable(): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const [letter, lookalikes] of Object.entries(LOOKALIKES)) {
    for (const lookalike of lookalikes) table.set(lookalike.toLowerCase(), letter);
  }
  for (const [letter, letters] of Object.entries(SEVERAL)) table.set(letter, letters);
  for (const first of ALPHABETS) {
    for (let n = 0; n < 26; n++) table.set(String.fromCodePoint(first + n), String.fromCharCode(0x61 + n));
  }
  return table;
}

const LATIN_OF = makeTable();

/** The Latin letter or letters that a character of lower case is read as; the character itself if it is like none. */
export function latinLookalike(character: string): string {
  return LATIN_OF.get(character) ?? character;
}
