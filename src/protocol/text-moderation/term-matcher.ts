/**
 * Finds thousands of terms in a text at once, in time that goes with the length of the text and not with the number of
 * terms (Aho and Corasick, Communications of the ACM 18(6), 1975), over the runs of letters of the text, so that
 * repeated letters hide nothing: `baaad` holds `bad`, while `good` does not hold `god`.
 */
import { foldText } from './fold-text.ts';
import { spellings } from './spellings.ts';
import { type Run, runsOf, type TermPattern } from './term-pattern.ts';

/** A piece of a term, at the node of the trie where it ends. */
interface Piece {
  readonly term: number;
  readonly index: number;
  readonly runs: readonly Run[];
}

/** How far the pieces of a term have been found, each behind the one before and all in one word or row of words. */
interface Progress {
  next: number;
  /** Number of the run behind the last piece found. */
  end: number;
}

/** Terms of at least so many different letters in a row are also found where one of these is doubled. */
const LENIENT_FROM = 4;
const ROOT = 0;

export class TermMatcher<T> {
  readonly #terms: readonly TermPattern[];
  readonly #values: readonly T[];
  /** Numbers that stand for characters; those of no term have none. */
  readonly #symbols = new Map<string, number>();
  /** The node behind a node by a symbol, by `node * symbols + symbol`. */
  readonly #next = new Map<number, number>();
  readonly #fallback: number[] = [ROOT];
  /** The nearest node on the way of fallbacks at which pieces end, itself included; -1 if there is none. */
  readonly #ending: number[] = [-1];
  readonly #pieces: Piece[][] = [[]];
  readonly #width: number;

  /** `entries`: patterns with what {@link find} answers for each. */
  constructor(entries: Iterable<readonly [TermPattern, T]>) {
    const list = [...entries];
    this.#terms = list.map(([term]) => term);
    this.#values = list.map(([, value]) => value);
    for (const { pieces } of this.#terms) {
      for (const { character } of pieces.flat()) {
        if (!this.#symbols.has(character)) this.#symbols.set(character, this.#symbols.size);
      }
    }
    this.#width = this.#symbols.size;
    for (const [term, { pieces }] of this.#terms.entries()) {
      for (const [index, runs] of pieces.entries()) this.#pieces[this.#add(runs)]!.push({ term, index, runs });
    }
    this.#connect();
  }

  /** Terms in it. */
  get size(): number {
    return this.#terms.length;
  }

  /** The values of the terms that a text of any form holds in any of its spellings, in the order of the terms. */
  find(text: string): readonly T[] {
    if (this.size === 0) return [];
    const found = new Set<number>();
    for (const spelling of spellings(foldText(text))) this.#scan(runsOf(spelling), found);
    return [...found].sort((a, b) => a - b).map((term) => this.#values[term]!);
  }

  #add(runs: readonly Run[]): number {
    let node = ROOT;
    for (const { character } of runs) {
      const key = node * this.#width + this.#symbols.get(character)!;
      let next = this.#next.get(key);
      if (next === undefined) {
        next = this.#pieces.push([]) - 1;
        this.#next.set(key, next);
      }
      node = next;
    }
    return node;
  }

  /** Gives each node, the shallower first, the node of the longest end of it that is a beginning, too. */
  #connect(): void {
    const children = new Map<number, [symbol: number, node: number][]>();
    for (const [key, node] of this.#next) {
      const parent = Math.floor(key / this.#width);
      const list = children.get(parent);
      if (list) list.push([key % this.#width, node]);
      else children.set(parent, [[key % this.#width, node]]);
    }
    const queue = [ROOT];
    for (const parent of queue) {
      for (const [symbol, node] of children.get(parent) ?? []) {
        const fallback = parent === ROOT ? ROOT : this.#step(this.#fallback[parent]!, symbol);
        this.#fallback[node] = fallback;
        this.#ending[node] = this.#pieces[node]!.length > 0 ? node : this.#ending[fallback]!;
        queue.push(node);
      }
    }
  }

  #step(from: number, symbol: number): number {
    for (let node = from; ; node = this.#fallback[node]!) {
      const next = this.#next.get(node * this.#width + symbol);
      if (next !== undefined) return next;
      if (node === ROOT) return ROOT;
    }
  }

  #scan(text: readonly Run[], found: Set<number>): void {
    const progress = new Map<number, Progress>();
    let node = ROOT;
    for (let at = 0; at < text.length; at++) {
      const { character } = text[at]!;
      // Parts that a `*` keeps apart stand in one word.
      if (character === ' ') progress.clear();
      const symbol = this.#symbols.get(character);
      node = symbol === undefined ? ROOT : this.#step(node, symbol);
      for (let end = this.#ending[node]!; end !== -1; end = this.#ending[this.#fallback[end]!]!) {
        for (const piece of this.#pieces[end]!) {
          if (!found.has(piece.term) && this.#isHit(piece, text, at + 1, progress)) found.add(piece.term);
        }
      }
    }
  }

  /** Whether a piece that ends before the run `end` completes its term. */
  #isHit(piece: Piece, text: readonly Run[], end: number, progress: Map<number, Progress>): boolean {
    const term = this.#terms[piece.term]!;
    const start = end - piece.runs.length;
    const state = progress.get(piece.term);
    if (piece.index !== (state?.next ?? 0) || start < (state?.end ?? 0)) return false;
    if (piece.index === 0 && term.startsWord && !isGap(text, start - 1)) return false;
    const isLast = piece.index === term.pieces.length - 1;
    if (isLast && term.endsWord && !isGap(text, end)) return false;
    if (!hasLengths(piece, text, start, term)) return false;
    if (!isLast) progress.set(piece.term, { next: piece.index + 1, end });
    return isLast;
  }
}

function isGap(text: readonly Run[], at: number): boolean {
  return at < 0 || at >= text.length || text[at]!.character === ' ';
}

/**
 * Whether each letter stands as often as the term says, or so often that it is drawn out. Where a piece begins or ends
 * inside of a word, its first and last letter may belong to more of that word.
 */
function hasLengths({ runs, index }: Piece, text: readonly Run[], start: number, term: TermPattern): boolean {
  const drawnOut = runs.length >= LENIENT_FROM ? 2 : 3;
  const beginsInside = index > 0 || !term.startsWord;
  const endsInside = index < term.pieces.length - 1 || !term.endsWord;
  return runs.every(({ length }, at) => {
    const there = text[start + at]!.length;
    const isEdge = (at === 0 && beginsInside) || (at === runs.length - 1 && endsInside);
    return there === length || (there > length && (isEdge || there >= drawnOut));
  });
}
