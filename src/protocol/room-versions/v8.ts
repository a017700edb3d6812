import type { RoomVersionRules } from './rules.ts';
import { v7 } from './v7.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v8/ */
export const v8: RoomVersionRules = {
  ...v7,
  version: '8',
  restrictedJoinRule: true,
  redaction: {
    ...v7.redaction,
    keepJoinRulesAllow: true,
  },
};
