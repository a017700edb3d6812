import type { RoomVersionRules } from './rules.ts';
import { v5 } from './v5.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v6/ */
export const v6: RoomVersionRules = {
  ...v5,
  version: '6',
  strictCanonicalJson: true,
  limitNotificationsPowerLevels: true,
  specialCaseAliasesAuth: false,
  redaction: {
    ...v5.redaction,
    keepAliases: false,
  },
};
