import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * State as layers of differences: each layer holds what differs from the one beneath, is at least four times smaller
 * than it, and there are at most eight. A state change costs its own entry and, now and then, the merging of small
 * layers; state is never copied whole at fixed intervals.
 */

/**
 * Which event is the state under a key: both by their short numbers. In a layer that has others beneath, {@link EMPTIED}
 * stands for a key that has no event any more, which happens where branches of the room's history meet.
 */
export type StateEntries = ReadonlyMap<number, number>;

export const EMPTIED = 0;

const MAX_DEPTH = 8;
const RATIO = 4;

/** A layer in memory. */
export interface Layer {
  readonly nid: number;
  readonly depth: number;
  readonly size: number;
  /** Undefined for the base of a room's present state, whose entries are the whole state when they are needed. */
  readonly entries: StateEntries | undefined;
}

/** A layer to be written, and the stack that it gives. */
export interface NewLayer {
  readonly parent: number | undefined;
  readonly depth: number;
  readonly entries: StateEntries;
}

/**
 * Decides on the layer for changed entries on top of `stack` (base first).
 * @param whole the entire state with the changes in it, asked for only if the base must be replaced
 */
export function nextLayer(
  stack: readonly Layer[],
  changes: Iterable<readonly [number, number]>,
  whole: () => StateEntries,
): NewLayer {
  let entries = new Map<number, number>(changes);
  let keep = stack.length;
  while (keep > 0) {
    const top = stack[keep - 1]!;
    const fits = entries.size * RATIO <= top.size && keep < MAX_DEPTH;
    if (fits) break;
    keep -= 1;
    if (!top.entries) return { parent: undefined, depth: 1, entries: whole() };
    entries = new Map([...top.entries, ...entries]);
  }
  if (keep === 0) return { parent: undefined, depth: 1, entries: whole() };
  const parent = stack[keep - 1]!;
  return { parent: parent.nid, depth: keep + 1, entries };
}

/** Packs entries as pairs of variable-length integers: the step from the key before, and the event. */
export function packEntries(entries: StateEntries): Buffer {
  const keys = [...entries.keys()].sort((a, b) => a - b);
  const bytes = Buffer.allocUnsafe(keys.length * 16 + 8);
  let at = 0;
  let last = 0;
  const put = (value: number): void => {
    let rest = value;
    while (rest >= 0x80) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[at++] = rest;
  };
  for (const key of keys) {
    put(key - last);
    put(entries.get(key)!);
    last = key;
  }
  return Buffer.from(bytes.subarray(0, at));
}

/** Adds what {@link packEntries} packed to `into`, over what is there. */
export function unpackEntries(bytes: Uint8Array, into: Map<number, number>): void {
  let at = 0;
  let key = 0;
  const take = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  while (at < bytes.length) {
    key += take();
    into.set(key, take());
  }
}

/** The state that a chain of layers (topmost first) gives. */
export function stateOfLayers(chain: readonly { readonly diff: Uint8Array }[]): Map<number, number> {
  const state = new Map<number, number>();
  for (const layer of [...chain].reverse()) unpackEntries(layer.diff, state);
  for (const [key, event] of state) if (event === EMPTIED) state.delete(key);
  return state;
}

/** A layer whose entries are known. */
export interface WholeLayer extends Layer {
  readonly parent: number | undefined;
  readonly entries: StateEntries;
}

/** The event under a key of a stack of layers (base first). */
export function lookUp(stack: readonly WholeLayer[], keyNid: number): number | undefined {
  for (let i = stack.length - 1; i >= 0; i--) {
    const event = stack[i]!.entries.get(keyNid);
    if (event !== undefined) return event === EMPTIED ? undefined : event;
  }
  return undefined;
}

/** All entries of a stack of layers, with changes on top. */
export function entriesOf(
  stack: readonly WholeLayer[],
  changes: Iterable<readonly [number, number]> = [],
): Map<number, number> {
  const state = new Map<number, number>();
  for (const { entries } of stack) for (const [key, event] of entries) state.set(key, event);
  for (const [key, event] of changes) state.set(key, event);
  for (const [key, event] of state) if (event === EMPTIED) state.delete(key);
  return state;
}

type Stacks = readonly (readonly WholeLayer[])[];

/** Keys that are compared in a row: then others have their turn. */
const KEYS_AT_ONCE = 2_000;

/** The keys under which the stacks do not all have the same. What they share beneath is not looked at. */
export async function differingKeys(stacks: Stacks): Promise<Set<number>> {
  const comparison = compare(stacks);
  for (;;) {
    const { done, value } = comparison.next();
    if (done) return value;
    await nextTurn();
  }
}

function* compare(stacks: Stacks): Generator<undefined, Set<number>> {
  const [first, ...others] = stacks;
  const differing = new Set<number>();
  if (!first || others.length === 0) return differing;
  let shared = 0;
  while (shared < first.length && others.every((stack) => stack[shared]?.nid === first[shared]!.nid)) shared += 1;
  const judged = new Set<number>();
  for (const stack of stacks) {
    for (const { entries } of stack.slice(shared)) {
      for (const key of entries.keys()) {
        if (judged.has(key)) continue;
        judged.add(key);
        if (judged.size % KEYS_AT_ONCE === 0) yield undefined;
        const event = lookUp(first, key);
        if (others.some((other) => lookUp(other, key) !== event)) differing.add(key);
      }
    }
  }
  return differing;
}
