import type { RoomVersionRules } from './rules.ts';
import { v9 } from './v9.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v10/ */
export const v10: RoomVersionRules = {
  ...v9,
  version: '10',
  integerPowerLevels: true,
  knockRestrictedJoinRule: true,
};
