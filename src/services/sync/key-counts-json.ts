import type { DeviceKeyCounts } from '../encryption/key-counts.ts';

/** The same object stands for the same counts: most syncs of a device tell what the one before told. */
const keyCountTexts = new WeakMap<DeviceKeyCounts, string>();

/**
 * What a device is told of its keys, as members of a sync.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#e2e-extensions-to-sync
 */
export function keyCountsJson(counts: DeviceKeyCounts): string {
  const known = keyCountTexts.get(counts);
  if (known !== undefined) return known;
  const types = JSON.stringify(counts.unusedFallbackKeyTypes);
  const text =
    `"device_one_time_keys_count":${JSON.stringify(counts.oneTimeKeyCounts)},` +
    `"device_unused_fallback_key_types":${types},"org.matrix.msc2732.device_unused_fallback_key_types":${types}`;
  keyCountTexts.set(counts, text);
  return text;
}
