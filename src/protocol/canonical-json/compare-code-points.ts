/** Orders UTF-16 code units as the code points that they belong to: surrogates stand for U+10000 and above. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
}

/** Compares strings by Unicode code points, which `<` does not do: it puts U+1F600 before U+FF5E. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** As many keys are put in order one by one: an object of an event has few, mostly in order. */
const FEW = 10;

/** Sorts in place by code point. */
export function sortByCodePoint(keys: string[]): string[] {
  if (keys.length > FEW) return keys.sort(compareCodePoints);
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let to = i;
    for (; to > 0 && compareCodePoints(keys[to - 1] as string, key) > 0; to--) keys[to] = keys[to - 1] as string;
    keys[to] = key;
  }
  return keys;
}
