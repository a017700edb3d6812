import type { RoomVersionRules } from './rules.ts';
import { v1 } from './v1.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v2/ */
export const v2: RoomVersionRules = {
  ...v1,
  version: '2',
  stateResolution: 'v2',
};
