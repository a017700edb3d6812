import type { RoomVersionRules } from './rules.ts';
import { v10 } from './v10.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v11/ */
export const v11: RoomVersionRules = {
  ...v10,
  version: '11',
  strictByteLimits: true,
  implicitRoomCreator: true,
  redaction: {
    ...v10.redaction,
    keepOriginMembershipPrevState: false,
    keepAllCreateContent: true,
    keepRedactionRedacts: true,
    keepPowerLevelsInvite: true,
    keepMemberThirdPartyInviteSigned: true,
    redactsInContent: true,
  },
};
