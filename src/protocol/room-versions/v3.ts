import type { RoomVersionRules } from './rules.ts';
import { v2 } from './v2.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v3/ */
export const v3: RoomVersionRules = {
  ...v2,
  version: '3',
  eventIdFormat: 'hash-base64',
  specialCaseRedactionAuth: false,
};
