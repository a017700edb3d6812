/** Up to here a number of viewers is told as it is. */
const EXACT = 1000;

/** Larger numbers to three digits: who comes and goes is nobody's business. */
export function roundedCount(viewers: number): number {
  if (viewers <= EXACT) return viewers;
  const unit = 10 ** (String(viewers).length - 3);
  return Math.round(viewers / unit) * unit;
}
