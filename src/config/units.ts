/** Durations and sizes as people write them: `30s`, `24h`, `50MB`. */

const DURATIONS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

const SIZES: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KB', 1024],
  ['MB', 1024 ** 2],
  ['GB', 1024 ** 3],
  ['TB', 1024 ** 4],
]);

function measure(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const unit = units.get(match?.[2] ?? '');
  if (!match?.[1] || unit === undefined) return undefined;
  const value = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Milliseconds of `30s`, `5m`, `24h`, `7d`; undefined where it is not a duration with a unit. */
export function parseDuration(text: string): number | undefined {
  return measure(text, DURATIONS);
}

/** Bytes of `512KB`, `50MB`, `2GB` (1 KB is 1,024 bytes; `50M` and `50MiB` mean the same as `50MB`); else undefined. */
export function parseSize(text: string): number | undefined {
  return measure(
    text.trim().replace(/([KMGT])i?B?$/i, (_, unit: string) => `${unit.toUpperCase()}B`),
    SIZES,
  );
}
