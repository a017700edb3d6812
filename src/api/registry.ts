/** Every endpoint of the server: what is not in this list does not exist. Sorted by folder, then by name. */

import { getRegistrationNonce } from './admin/registration/get-registration-nonce.ts';
import { registerWithSharedSecret } from './admin/registration/register-with-shared-secret.ts';
import { getReports } from './admin/reports/get-reports.ts';
import { sendServerNotice } from './admin/server-notices/send-server-notice.ts';
import { sendServerNoticeOnce } from './admin/server-notices/send-server-notice-once.ts';
import { changePassword } from './client/account/change-password.ts';
import { checkUsernameAvailability } from './client/account/check-username-availability.ts';
import { deactivateAccount } from './client/account/deactivate-account.ts';
import { register } from './client/account/register.ts';
import { registrationTokenValidity } from './client/account/registration-token-validity.ts';
import { getAccountData } from './client/account-data/get-account-data.ts';
import { getAccountDataPerRoom } from './client/account-data/get-account-data-per-room.ts';
import { setAccountData } from './client/account-data/set-account-data.ts';
import { setAccountDataPerRoom } from './client/account-data/set-account-data-per-room.ts';
import { getAdminLockUser } from './client/admin/get-admin-lock-user.ts';
import { getAdminSuspendUser } from './client/admin/get-admin-suspend-user.ts';
import { getWhoIs } from './client/admin/get-who-is.ts';
import { setAdminLockUser } from './client/admin/set-admin-lock-user.ts';
import { setAdminSuspendUser } from './client/admin/set-admin-suspend-user.ts';
import { pingAppservice } from './client/appservices/ping-appservice.ts';
import { updateAppserviceRoomDirectoryVisibility } from './client/appservices/update-appservice-room-directory-visibility.ts';
import { deleteDehydratedDevice } from './client/dehydrated-device/delete-dehydrated-device.ts';
import { getDehydratedDevice } from './client/dehydrated-device/get-dehydrated-device.ts';
import { getDehydratedDeviceEvents } from './client/dehydrated-device/get-dehydrated-device-events.ts';
import { postDehydratedDeviceEvents } from './client/dehydrated-device/post-dehydrated-device-events.ts';
import { putDehydratedDevice } from './client/dehydrated-device/put-dehydrated-device.ts';
import { getDelayedEvent } from './client/delayed-events/get-delayed-event.ts';
import { getDelayedEvents } from './client/delayed-events/get-delayed-events.ts';
import { sendDelayedEvent } from './client/delayed-events/send-delayed-event.ts';
import { updateDelayedEvent } from './client/delayed-events/update-delayed-event.ts';
import { updateDelayedEventByBody } from './client/delayed-events/update-delayed-event-by-body.ts';
import { deleteDevice } from './client/devices/delete-device.ts';
import { deleteDevices } from './client/devices/delete-devices.ts';
import { getDevice } from './client/devices/get-device.ts';
import { getDevices } from './client/devices/get-devices.ts';
import { updateDevice } from './client/devices/update-device.ts';
import { deleteRoomAlias } from './client/directory/delete-room-alias.ts';
import { getLocalAliases } from './client/directory/get-local-aliases.ts';
import { getPublicRooms } from './client/directory/get-public-rooms.ts';
import { getRoomIdByAlias } from './client/directory/get-room-id-by-alias.ts';
import { getRoomSummary } from './client/directory/get-room-summary.ts';
import { getRoomVisibilityOnDirectory } from './client/directory/get-room-visibility-on-directory.ts';
import { queryPublicRooms } from './client/directory/query-public-rooms.ts';
import { setRoomAlias } from './client/directory/set-room-alias.ts';
import { setRoomVisibilityOnDirectory } from './client/directory/set-room-visibility-on-directory.ts';
import { claimKeys } from './client/encryption/claim-keys.ts';
import { getKeysChanges } from './client/encryption/get-keys-changes.ts';
import { queryKeys } from './client/encryption/query-keys.ts';
import { uploadCrossSigningKeys } from './client/encryption/upload-cross-signing-keys.ts';
import { uploadCrossSigningSignatures } from './client/encryption/upload-cross-signing-signatures.ts';
import { uploadKeys } from './client/encryption/upload-keys.ts';
import { defineFilter } from './client/filters/define-filter.ts';
import { getFilter } from './client/filters/get-filter.ts';
import { getEventByTimestamp } from './client/history/get-event-by-timestamp.ts';
import { getEventContext } from './client/history/get-event-context.ts';
import { getOneRoomEvent } from './client/history/get-one-room-event.ts';
import { getRoomEvents } from './client/history/get-room-events.ts';
import { deleteRoomKeyBySessionId } from './client/key-backup/delete-room-key-by-session-id.ts';
import { deleteRoomKeys } from './client/key-backup/delete-room-keys.ts';
import { deleteRoomKeysByRoomId } from './client/key-backup/delete-room-keys-by-room-id.ts';
import { deleteRoomKeysVersion } from './client/key-backup/delete-room-keys-version.ts';
import { getRoomKeyBySessionId } from './client/key-backup/get-room-key-by-session-id.ts';
import { getRoomKeys } from './client/key-backup/get-room-keys.ts';
import { getRoomKeysByRoomId } from './client/key-backup/get-room-keys-by-room-id.ts';
import { getRoomKeysVersion } from './client/key-backup/get-room-keys-version.ts';
import { getRoomKeysVersionCurrent } from './client/key-backup/get-room-keys-version-current.ts';
import { postRoomKeysVersion } from './client/key-backup/post-room-keys-version.ts';
import { putRoomKeyBySessionId } from './client/key-backup/put-room-key-by-session-id.ts';
import { putRoomKeys } from './client/key-backup/put-room-keys.ts';
import { putRoomKeysByRoomId } from './client/key-backup/put-room-keys-by-room-id.ts';
import { putRoomKeysVersion } from './client/key-backup/put-room-keys-version.ts';
import { createContent } from './client/media/create-content.ts';
import { getConfig } from './client/media/get-config.ts';
import { getConfigAuthed } from './client/media/get-config-authed.ts';
import { getContent } from './client/media/get-content.ts';
import { getContentAuthed } from './client/media/get-content-authed.ts';
import { getContentOverrideName } from './client/media/get-content-override-name.ts';
import { getContentOverrideNameAuthed } from './client/media/get-content-override-name-authed.ts';
import { getContentThumbnail } from './client/media/get-content-thumbnail.ts';
import { getContentThumbnailAuthed } from './client/media/get-content-thumbnail-authed.ts';
import { getUrlPreview } from './client/media/get-url-preview.ts';
import { getUrlPreviewAuthed } from './client/media/get-url-preview-authed.ts';
import { uploadContent } from './client/media/upload-content.ts';
import { uploadContentToMXC } from './client/media/upload-content-to-mxc.ts';
import { ban } from './client/membership/ban.ts';
import { forgetRoom } from './client/membership/forget-room.ts';
import { getJoinedRooms } from './client/membership/get-joined-rooms.ts';
import { getMutualRooms } from './client/membership/get-mutual-rooms.ts';
import { inviteUser } from './client/membership/invite-user.ts';
import { joinRoom } from './client/membership/join-room.ts';
import { joinRoomById } from './client/membership/join-room-by-id.ts';
import { kick } from './client/membership/kick.ts';
import { knockRoom } from './client/membership/knock-room.ts';
import { leaveRoom } from './client/membership/leave-room.ts';
import { unban } from './client/membership/unban.ts';
import { getEvents } from './client/old-sync/get-events.ts';
import { getOneEvent } from './client/old-sync/get-one-event.ts';
import { initialSync } from './client/old-sync/initial-sync.ts';
import { roomInitialSync } from './client/old-sync/room-initial-sync.ts';
import { requestOpenIdToken } from './client/openid/request-open-id-token.ts';
import { getPresence } from './client/presence/get-presence.ts';
import { setPresence } from './client/presence/set-presence.ts';
import { deleteProfileField } from './client/profile/delete-profile-field.ts';
import { getProfileField } from './client/profile/get-profile-field.ts';
import { getUserProfile } from './client/profile/get-user-profile.ts';
import { setProfileField } from './client/profile/set-profile-field.ts';
import { deletePushRule } from './client/push-rules/delete-push-rule.ts';
import { getPushRule } from './client/push-rules/get-push-rule.ts';
import { getPushRuleActions } from './client/push-rules/get-push-rule-actions.ts';
import { getPushRules } from './client/push-rules/get-push-rules.ts';
import { getPushRulesGlobal } from './client/push-rules/get-push-rules-global.ts';
import { isPushRuleEnabled } from './client/push-rules/is-push-rule-enabled.ts';
import { setPushRule } from './client/push-rules/set-push-rule.ts';
import { setPushRuleActions } from './client/push-rules/set-push-rule-actions.ts';
import { setPushRuleEnabled } from './client/push-rules/set-push-rule-enabled.ts';
import { getNotifications } from './client/pushers/get-notifications.ts';
import { getPushers } from './client/pushers/get-pushers.ts';
import { postPusher } from './client/pushers/post-pusher.ts';
import { postReceipt } from './client/receipts/post-receipt.ts';
import { setReadMarker } from './client/receipts/set-read-marker.ts';
import { getRelatingEvents } from './client/relations/get-relating-events.ts';
import { getRelatingEventsWithRelType } from './client/relations/get-relating-events-with-rel-type.ts';
import { getRelatingEventsWithRelTypeAndEventType } from './client/relations/get-relating-events-with-rel-type-and-event-type.ts';
import { getThreadRoots } from './client/relations/get-thread-roots.ts';
import { reportEvent } from './client/reports/report-event.ts';
import { reportRoom } from './client/reports/report-room.ts';
import { reportUser } from './client/reports/report-user.ts';
import { getJoinedMembersByRoom } from './client/room-state/get-joined-members-by-room.ts';
import { getMembersByRoom } from './client/room-state/get-members-by-room.ts';
import { getRoomState } from './client/room-state/get-room-state.ts';
import { getRoomStateWithKey } from './client/room-state/get-room-state-with-key.ts';
import { createRoom } from './client/rooms/create-room.ts';
import { upgradeRoom } from './client/rooms/upgrade-room.ts';
import { search } from './client/search/search.ts';
import { redactEvent } from './client/sending/redact-event.ts';
import { sendMessage } from './client/sending/send-message.ts';
import { setRoomStateWithKey } from './client/sending/set-room-state-with-key.ts';
import { getCapabilities } from './client/server/get-capabilities.ts';
import { getVersions } from './client/server/get-versions.ts';
import { generateLoginToken } from './client/session/generate-login-token.ts';
import { getLoginFlows } from './client/session/get-login-flows.ts';
import { getTokenOwner } from './client/session/get-token-owner.ts';
import { login } from './client/session/login.ts';
import { logout } from './client/session/logout.ts';
import { logoutAll } from './client/session/logout-all.ts';
import { redirectToIdP } from './client/session/redirect-to-idp.ts';
import { redirectToSSO } from './client/session/redirect-to-sso.ts';
import { refresh } from './client/session/refresh.ts';
import { getSpaceHierarchy } from './client/spaces/get-space-hierarchy.ts';
import { sync } from './client/sync/sync.ts';
import { deleteRoomTag } from './client/tags/delete-room-tag.ts';
import { getRoomTags } from './client/tags/get-room-tags.ts';
import { setRoomTag } from './client/tags/set-room-tag.ts';
import { getProtocolMetadata } from './client/third-party/get-protocol-metadata.ts';
import { getProtocols } from './client/third-party/get-protocols.ts';
import { queryLocationByAlias } from './client/third-party/query-location-by-alias.ts';
import { queryLocationByProtocol } from './client/third-party/query-location-by-protocol.ts';
import { queryUserByID } from './client/third-party/query-user-by-id.ts';
import { queryUserByProtocol } from './client/third-party/query-user-by-protocol.ts';
import { add3PID } from './client/third-party-ids/add-3pid.ts';
import { bind3PID } from './client/third-party-ids/bind-3pid.ts';
import { delete3pidFromAccount } from './client/third-party-ids/delete-3pid-from-account.ts';
import { getAccount3PIDs } from './client/third-party-ids/get-account-3pids.ts';
import { post3PIDs } from './client/third-party-ids/post-3pids.ts';
import { requestTokenTo3PIDEmail } from './client/third-party-ids/request-token-to-3pid-email.ts';
import { requestTokenTo3PIDMSISDN } from './client/third-party-ids/request-token-to-3pid-msisdn.ts';
import { requestTokenToRegisterEmail } from './client/third-party-ids/request-token-to-register-email.ts';
import { requestTokenToRegisterMSISDN } from './client/third-party-ids/request-token-to-register-msisdn.ts';
import { requestTokenToResetPasswordEmail } from './client/third-party-ids/request-token-to-reset-password-email.ts';
import { requestTokenToResetPasswordMSISDN } from './client/third-party-ids/request-token-to-reset-password-msisdn.ts';
import { unbind3pidFromAccount } from './client/third-party-ids/unbind-3pid-from-account.ts';
import { sendToDevice } from './client/to-device/send-to-device.ts';
import { setTyping } from './client/typing/set-typing.ts';
import { searchUserDirectory } from './client/user-directory/search-user-directory.ts';
import { getTurnServer } from './client/voip/get-turn-server.ts';
import { confirmEmail } from './pages/confirm-email.ts';
import { showLogin } from './pages/login/show-login.ts';
import { passAuthFallback } from './pages/pass-auth-fallback.ts';
import { showAuthFallback } from './pages/show-auth-fallback.ts';
import { showEmailConfirmation } from './pages/show-email-confirmation.ts';
import { chooseSsoProvider } from './pages/sso/choose-sso-provider.ts';
import { continueSso } from './pages/sso/continue-sso.ts';
import { finishSso } from './pages/sso/finish-sso.ts';
import { startSso } from './pages/sso/start-sso.ts';
import { takeSsoForm } from './pages/sso/take-sso-form.ts';
import { takeSsoName } from './pages/sso/take-sso-name.ts';
import { agreeToTerms } from './pages/terms/agree-to-terms.ts';
import { showTerms } from './pages/terms/show-terms.ts';
import { serverRegistry } from './server-registry.ts';
import { getWellKnown } from './well-known/get-well-known.ts';
import { getWellknown } from './well-known/get-wellknown.ts';
import { getWellknownPolicy } from './well-known/get-wellknown-policy.ts';
import { getWellknownSupport } from './well-known/get-wellknown-support.ts';

export const registry = [
  // admin/registration
  getRegistrationNonce,
  registerWithSharedSecret,
  // admin/reports
  getReports,
  // admin/server-notices
  sendServerNotice,
  sendServerNoticeOnce,
  // client/account
  changePassword,
  checkUsernameAvailability,
  deactivateAccount,
  register,
  registrationTokenValidity,
  // client/admin
  getAdminLockUser,
  getAdminSuspendUser,
  getWhoIs,
  setAdminLockUser,
  setAdminSuspendUser,
  // client/appservices
  pingAppservice,
  updateAppserviceRoomDirectoryVisibility,
  // client/dehydrated-device
  deleteDehydratedDevice,
  getDehydratedDevice,
  getDehydratedDeviceEvents,
  postDehydratedDeviceEvents,
  putDehydratedDevice,
  // client/delayed-events
  getDelayedEvent,
  getDelayedEvents,
  sendDelayedEvent,
  updateDelayedEvent,
  updateDelayedEventByBody,
  // client/devices
  deleteDevice,
  deleteDevices,
  getDevice,
  getDevices,
  updateDevice,
  // client/directory
  deleteRoomAlias,
  getLocalAliases,
  getPublicRooms,
  getRoomIdByAlias,
  getRoomSummary,
  getRoomVisibilityOnDirectory,
  queryPublicRooms,
  setRoomAlias,
  setRoomVisibilityOnDirectory,
  // client/history
  getEventByTimestamp,
  getEventContext,
  getOneRoomEvent,
  getRoomEvents,
  // client/openid
  requestOpenIdToken,
  // client/profile
  deleteProfileField,
  getProfileField,
  getUserProfile,
  setProfileField,
  // client/relations
  getRelatingEvents,
  getRelatingEventsWithRelType,
  getRelatingEventsWithRelTypeAndEventType,
  getThreadRoots,
  // client/room-state
  getJoinedMembersByRoom,
  getMembersByRoom,
  getRoomState,
  getRoomStateWithKey,
  // client/session
  generateLoginToken,
  getLoginFlows,
  getTokenOwner,
  login,
  logout,
  logoutAll,
  redirectToIdP,
  redirectToSSO,
  refresh,
  // client/account-data
  getAccountData,
  getAccountDataPerRoom,
  setAccountData,
  setAccountDataPerRoom,
  // client/encryption
  claimKeys,
  getKeysChanges,
  queryKeys,
  uploadCrossSigningKeys,
  uploadCrossSigningSignatures,
  uploadKeys,
  // client/filters
  defineFilter,
  getFilter,
  // client/key-backup
  deleteRoomKeyBySessionId,
  deleteRoomKeys,
  deleteRoomKeysByRoomId,
  deleteRoomKeysVersion,
  getRoomKeyBySessionId,
  getRoomKeys,
  getRoomKeysByRoomId,
  getRoomKeysVersion,
  getRoomKeysVersionCurrent,
  postRoomKeysVersion,
  putRoomKeyBySessionId,
  putRoomKeys,
  putRoomKeysByRoomId,
  putRoomKeysVersion,
  // client/media
  createContent,
  getConfig,
  getConfigAuthed,
  getContent,
  getContentAuthed,
  getContentOverrideName,
  getContentOverrideNameAuthed,
  getContentThumbnail,
  getContentThumbnailAuthed,
  getUrlPreview,
  getUrlPreviewAuthed,
  uploadContent,
  uploadContentToMXC,
  // client/old-sync
  getEvents,
  getOneEvent,
  initialSync,
  roomInitialSync,
  // client/membership
  ban,
  forgetRoom,
  getJoinedRooms,
  getMutualRooms,
  inviteUser,
  joinRoom,
  joinRoomById,
  kick,
  knockRoom,
  leaveRoom,
  unban,
  // client/presence
  getPresence,
  setPresence,
  // client/push-rules
  deletePushRule,
  getPushRule,
  getPushRuleActions,
  getPushRules,
  getPushRulesGlobal,
  isPushRuleEnabled,
  setPushRule,
  setPushRuleActions,
  setPushRuleEnabled,
  // client/pushers
  getNotifications,
  getPushers,
  postPusher,
  // client/receipts
  postReceipt,
  setReadMarker,
  // client/rooms
  createRoom,
  upgradeRoom,
  // client/reports
  reportEvent,
  reportRoom,
  reportUser,
  // client/search
  search,
  // client/sending
  redactEvent,
  sendMessage,
  setRoomStateWithKey,
  // client/server
  getCapabilities,
  getVersions,
  // client/spaces
  getSpaceHierarchy,
  // client/sync
  sync,
  // client/tags
  deleteRoomTag,
  getRoomTags,
  setRoomTag,
  // client/third-party-ids
  add3PID,
  bind3PID,
  delete3pidFromAccount,
  getAccount3PIDs,
  post3PIDs,
  requestTokenTo3PIDEmail,
  requestTokenTo3PIDMSISDN,
  requestTokenToRegisterEmail,
  requestTokenToRegisterMSISDN,
  requestTokenToResetPasswordEmail,
  requestTokenToResetPasswordMSISDN,
  unbind3pidFromAccount,
  // client/third-party
  getProtocols,
  getProtocolMetadata,
  queryLocationByAlias,
  queryLocationByProtocol,
  queryUserByID,
  queryUserByProtocol,
  // client/to-device
  sendToDevice,
  // client/typing
  setTyping,
  // client/user-directory
  searchUserDirectory,
  // client/voip
  getTurnServer,
  // pages
  confirmEmail,
  passAuthFallback,
  showAuthFallback,
  showEmailConfirmation,
  showLogin,
  chooseSsoProvider,
  continueSso,
  finishSso,
  startSso,
  takeSsoForm,
  takeSsoName,
  agreeToTerms,
  showTerms,
  ...serverRegistry,
  // well-known
  getWellKnown,
  getWellknown,
  getWellknownPolicy,
  getWellknownSupport,
];
