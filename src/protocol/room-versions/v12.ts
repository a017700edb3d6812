import type { RoomVersionRules } from './rules.ts';
import { v11 } from './v11.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v12/ */
export const v12: RoomVersionRules = {
  ...v11,
  version: '12',
  roomIdIsCreateHash: true,
  stateResolution: 'v2.1',
  privilegedCreators: true,
  createEventImpliedInAuthEvents: true,
  strictInviteState: true,
};
