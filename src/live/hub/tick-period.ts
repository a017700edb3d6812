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

/** Microseconds of CPU that it costs to let a viewer in. */
const ARRIVAL_COST_US = 200;
/** Share of a core that is for neither, and the least that is left to writing. */
const [REST, LEAST] = [0.2, 0.05];

/**
 * `clamp(viewers · cost / budget)`: fewer, larger frames once there are more viewers than the budget has room for. While
 * many come at once, a second's `arrivals`, writing gets what letting them in leaves: everybody has to be in first.
 */
export function tickPeriod(viewers: number, limits: TickLimits, arrivals = 0): number {
  const { minMs, maxMs, writeCostUs, budget } = limits;
  if (minMs === 0) return 0;
  const left = Math.max(LEAST, 1 - REST - (arrivals * ARRIVAL_COST_US) / 1e6);
  return Math.round(Math.min(maxMs, Math.max(minMs, (viewers * writeCostUs) / 1000 / Math.min(budget, left))));
}
