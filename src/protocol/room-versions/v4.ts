import type { RoomVersionRules } from './rules.ts';
import { v3 } from './v3.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v4/ */
export const v4: RoomVersionRules = {
  ...v3,
  version: '4',
  eventIdFormat: 'hash-url-safe',
};
