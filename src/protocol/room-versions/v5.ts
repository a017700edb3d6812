import type { RoomVersionRules } from './rules.ts';
import { v4 } from './v4.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v5/ */
export const v5: RoomVersionRules = {
  ...v4,
  version: '5',
  enforceKeyValidity: true,
};
