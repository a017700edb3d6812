/**
 * What a room version decides, as data. Code asks for a named rule and never compares version strings.
 * Source: https://spec.matrix.org/v1.19/rooms/
 */
export interface RoomVersionRules {
  readonly version: string;
  readonly stability: 'stable' | 'unstable';
  /** How event ids are made: chosen by the sender, hash in standard base64, hash in URL-safe base64. */
  readonly eventIdFormat: 'server-chosen' | 'hash-base64' | 'hash-url-safe';
  /** Whether the room id is the hash of the create event, which then has no `room_id` (12). */
  readonly roomIdIsCreateHash: boolean;
  readonly stateResolution: 'v1' | 'v2' | 'v2.1';
  /** Whether keys outside their `valid_until_ts` are refused (5). */
  readonly enforceKeyValidity: boolean;
  /** Whether canonical JSON is enforced when events come in (6). */
  readonly strictCanonicalJson: boolean;
  /** Whether an event is none if one of its identifiers or its type has too many bytes; before, it is rejected (11). */
  readonly strictByteLimits: boolean;
  /** Whether power levels must be integers, strings no longer accepted (10). */
  readonly integerPowerLevels: boolean;
  /** Whether `notifications` is checked by the rules on power level changes (6). */
  readonly limitNotificationsPowerLevels: boolean;
  /** Whether `m.room.aliases` has a special authorization rule (until 5) . */
  readonly specialCaseAliasesAuth: boolean;
  /** Whether `m.room.redaction` has a special authorization rule (1 and 2). */
  readonly specialCaseRedactionAuth: boolean;
  /** Whether knocking is possible (7). */
  readonly knockJoinRule: boolean;
  /** Whether the join rule `restricted` is possible (8). */
  readonly restrictedJoinRule: boolean;
  /** Whether the join rule `knock_restricted` is possible (10). */
  readonly knockRestrictedJoinRule: boolean;
  /** Whether the creator is the create event's sender and not its `creator` field (11). */
  readonly implicitRoomCreator: boolean;
  /** Whether creators stand above all power levels and `additional_creators` exists (12). */
  readonly privilegedCreators: boolean;
  /** Whether `m.room.create` stays out of `auth_events`, being implied by the room id (12). */
  readonly createEventImpliedInAuthEvents: boolean;
  /** Whether the state that comes with an invite must be whole events of the room, its create event among them (12). */
  readonly strictInviteState: boolean;
  readonly redaction: RedactionRules;
}

/** What survives a redaction. Source: https://spec.matrix.org/v1.19/rooms/v11/#redactions */
export interface RedactionRules {
  /** Whether top-level `origin`, `membership` and `prev_state` are kept (until 10). */
  readonly keepOriginMembershipPrevState: boolean;
  /** Whether `m.room.aliases` keeps `aliases` (until 5). */
  readonly keepAliases: boolean;
  /** Whether `m.room.join_rules` keeps `allow` (8). */
  readonly keepJoinRulesAllow: boolean;
  /** Whether `m.room.member` keeps `join_authorised_via_users_server` (9). */
  readonly keepMemberAuthorisedVia: boolean;
  /** Whether `m.room.create` keeps all its content (11). */
  readonly keepAllCreateContent: boolean;
  /** Whether `m.room.redaction` keeps `redacts` in its content (11). */
  readonly keepRedactionRedacts: boolean;
  /** Whether `m.room.power_levels` keeps `invite` (11). */
  readonly keepPowerLevelsInvite: boolean;
  /** Whether `m.room.member` keeps `third_party_invite.signed` (11). */
  readonly keepMemberThirdPartyInviteSigned: boolean;
  /** Whether `redacts` is in the content rather than at the top (11). */
  readonly redactsInContent: boolean;
}
