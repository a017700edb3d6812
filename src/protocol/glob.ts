/**
 * Glob patterns: `*` matches zero or more characters, `?` exactly one. Matching takes time in proportion to the text
 * times the pattern at worst, whatever the pattern is.
 * Source: https://spec.matrix.org/v1.19/appendices/#glob-style-matching
 */
export type TextMatcher = (text: string) => boolean;

/** Matches a piece of a pattern between two `*` at a place of the text: where the match ends, or -1. */
type Piece = (text: string, at: number) => number;

/** A matcher of whole texts, with regard to case. */
export function compileGlob(pattern: string): TextMatcher {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const pieces = pattern.split('*').map(compilePiece);
  const [first, last] = [pieces[0]!, pieces.at(-1)!];
  if (pieces.length === 1) return (text) => first(text, 0) === text.length;
  const middle = pieces.slice(1, -1);
  return (text) => {
    const end = findInOrder(text, first(text, 0), middle);
    return end !== -1 && findPiece(text, end, last, (_start, stop) => stop === text.length) !== -1;
  };
}

/** A matcher of any part of a text that starts and ends at a word boundary, without regard to case. */
export function compileWordGlob(pattern: string): TextMatcher {
  return matchWords(pattern.toLowerCase().split('*').map(compilePiece));
}

/** The same for words in which `*` and `?` stand for themselves. */
export function compileWords(words: string): TextMatcher {
  return matchWords([literalPiece(words.toLowerCase())]);
}

function matchWords(pieces: readonly Piece[]): TextMatcher {
  const [first, last] = [pieces[0]!, pieces.at(-1)!];
  const middle = pieces.slice(1, -1);
  return (original) => {
    const text = original.toLowerCase();
    if (pieces.length === 1) {
      return findPiece(text, 0, first, (start, end) => isBoundary(text, start) && isBoundary(text, end)) !== -1;
    }
    const end = findInOrder(
      text,
      findPiece(text, 0, first, (start) => isBoundary(text, start)),
      middle,
    );
    return end !== -1 && findPiece(text, end, last, (_start, stop) => isBoundary(text, stop)) !== -1;
  };
}

function literalPiece(literal: string): Piece {
  return (text, at) => (text.startsWith(literal, at) ? at + literal.length : -1);
}

function compilePiece(source: string): Piece {
  if (!source.includes('?')) return literalPiece(source);
  const literals = source.split('?');
  return (text, at) => {
    let position = at;
    for (const [index, literal] of literals.entries()) {
      if (index > 0) {
        const character = text.codePointAt(position);
        if (character === undefined) return -1;
        position += character > 0xffff ? 2 : 1;
      }
      if (!text.startsWith(literal, position)) return -1;
      position += literal.length;
    }
    return position;
  };
}

/** The end of the first match at or after `from` that is accepted, or -1. */
function findPiece(text: string, from: number, piece: Piece, accept: (start: number, end: number) => boolean): number {
  for (let start = from; start <= text.length; start++) {
    if (isInsidePair(text, start)) continue;
    const end = piece(text, start);
    if (end !== -1 && accept(start, end)) return end;
  }
  return -1;
}

/** The end of the last of `pieces` when each follows the one before as closely as it can, or -1. */
function findInOrder(text: string, from: number, pieces: readonly Piece[]): number {
  let end = from;
  for (const piece of pieces) {
    if (end === -1) return -1;
    end = findPiece(text, end, piece, () => true);
  }
  return end;
}

function isInsidePair(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xdc00 || unit > 0xdfff || index === 0) return false;
  const before = text.charCodeAt(index - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

/** Both ends of the text are word boundaries, and both sides of whatever is not a letter, digit or `_` of ASCII. */
function isBoundary(text: string, index: number): boolean {
  if (index === 0 || index === text.length) return true;
  return !isWordCharacter(text.charCodeAt(index - 1)) || !isWordCharacter(text.charCodeAt(index));
}

function isWordCharacter(unit: number): boolean {
  if (unit >= 0x61 && unit <= 0x7a) return true;
  if (unit >= 0x41 && unit <= 0x5a) return true;
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x5f;
}
