import type { RoomVersionRules } from './rules.ts';

/** Source: https://spec.matrix.org/v1.19/rooms/v1/ */
export const v1: RoomVersionRules = {
  version: '1',
  stability: 'stable',
  eventIdFormat: 'server-chosen',
  roomIdIsCreateHash: false,
  stateResolution: 'v1',
  enforceKeyValidity: false,
  strictCanonicalJson: false,
  integerPowerLevels: false,
  limitNotificationsPowerLevels: false,
  specialCaseAliasesAuth: true,
  specialCaseRedactionAuth: true,
  knockJoinRule: false,
  restrictedJoinRule: false,
  knockRestrictedJoinRule: false,
  implicitRoomCreator: false,
  privilegedCreators: false,
  createEventImpliedInAuthEvents: false,
  strictInviteState: false,
  redaction: {
    keepOriginMembershipPrevState: true,
    keepAliases: true,
    keepJoinRulesAllow: false,
    keepMemberAuthorisedVia: false,
    keepAllCreateContent: false,
    keepRedactionRedacts: false,
    keepPowerLevelsInvite: false,
    keepMemberThirdPartyInviteSigned: false,
    redactsInContent: false,
  },
};
