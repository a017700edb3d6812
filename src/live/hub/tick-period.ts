/** How long a process gathers what it then writes to all viewers at once. */

export interface TickLimits {
  /** Milliseconds; 0: no gathering, a frame for each message. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Microseconds of CPU that writing a frame to one viewer costs. */
  readonly writeCostUs: number;
  /** Share of a core that writing may take. */
  readonly budget: number;
}

/** The share of a tick by which what is said waits at most before it is numbered. */
const GRAINS = 10;

/** Milliseconds between two numberings while all that is said can be shown; the viewers' ticks gather for longer. */
export function grainOf({ minMs }: TickLimits): number {
  return Math.ceil(minMs / GRAINS);
}

/** `clamp(viewers · cost / budget)`: fewer, larger frames once there are more viewers than the budget has room for. */
export function tickPeriod(viewers: number, { minMs, maxMs, writeCostUs, budget }: TickLimits): number {
  if (minMs === 0) return 0;
  return Math.round(Math.min(maxMs, Math.max(minMs, (viewers * writeCostUs) / 1000 / budget)));
}
