import type { RoomVersionRules } from './rules.ts';
import { v6 } from './v6.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v7/ */
export const v7: RoomVersionRules = {
  ...v6,
  version: '7',
  knockJoinRule: true,
};
