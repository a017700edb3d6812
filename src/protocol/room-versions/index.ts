import type { RoomVersionRules } from './rules.ts';
import { v1 } from './v1.ts';
import { v2 } from './v2.ts';
import { v3 } from './v3.ts';
import { v4 } from './v4.ts';
import { v5 } from './v5.ts';
import { v6 } from './v6.ts';
import { v7 } from './v7.ts';
import { v8 } from './v8.ts';
import { v9 } from './v9.ts';
import { v10 } from './v10.ts';
import { v11 } from './v11.ts';
import { v12 } from './v12.ts';

/** The version of rooms whose creator asks for none. Source: https://spec.matrix.org/v1.19/rooms/#complete-list-of-room-versions */
export const DEFAULT_ROOM_VERSION = '12';

const RULES: ReadonlyMap<string, RoomVersionRules> = new Map(
  [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12].map((rules) => [rules.version, rules]),
);

/** The rules of a room version, or undefined for a version that nobody here knows. */
export function roomVersion(version: string): RoomVersionRules | undefined {
  return RULES.get(version);
}

/** Every room version with known rules, oldest first. */
export function supportedRoomVersions(): ReadonlyMap<string, RoomVersionRules> {
  return RULES;
}

/** The versions that clients and other servers are told of. */
export const ROOM_VERSIONS: readonly string[] = [...RULES.keys()];

/**
 * The `m.room_versions` capability.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroom_versions-capability
 */
export function roomVersionsCapability(defaultVersion: string): {
  default: string;
  available: Record<string, 'stable' | 'unstable'>;
} {
  const available: Record<string, 'stable' | 'unstable'> = {};
  for (const { version, stability } of RULES.values()) available[version] = stability;
  return { default: defaultVersion, available };
}
