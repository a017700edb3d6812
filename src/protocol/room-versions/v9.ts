import type { RoomVersionRules } from './rules.ts';
import { v8 } from './v8.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v9/ */
export const v9: RoomVersionRules = {
  ...v8,
  version: '9',
  redaction: {
    ...v8.redaction,
    keepMemberAuthorisedVia: true,
  },
};
