/**
 * Flags of `GET /versions` by which clients find what a proposal describes, with the endpoints that make them true:
 * a flag is told exactly if all of these are served. Clients of today look for the `.stable` ones although the
 * specification has long taken the proposals up.
 */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  'org.matrix.e2e_cross_signing': ['uploadCrossSigningKeys', 'uploadCrossSigningSignatures'],
  // Private and threaded receipts, unread counts of threads.
  'org.matrix.msc2285.stable': ['postReceipt', 'sync'],
  'org.matrix.msc3771': ['postReceipt', 'sync'],
  'org.matrix.msc3773': ['postReceipt', 'sync'],
  // Threads and relations.
  'org.matrix.msc3440.stable': ['getThreadRoots'],
  'org.matrix.msc3856.stable': ['getThreadRoots'],
  'org.matrix.msc3715.stable': ['getRelatingEvents'],
  'org.matrix.msc3981': ['getRelatingEvents'],
  // Room directory filtered by type, jump to date, mutual rooms.
  'org.matrix.msc3827.stable': ['queryPublicRooms'],
  'org.matrix.msc3030': ['getEventByTimestamp'],
  'org.matrix.msc3030.stable': ['getEventByTimestamp'],
  'uk.half-shot.msc2666.query_mutual_rooms': ['getMutualRooms'],
  'uk.half-shot.msc2666.query_mutual_rooms.stable': ['getMutualRooms'],
  // Media.
  'org.matrix.msc3916.stable': ['getContentAuthed', 'getContentThumbnailAuthed'],
  'fi.mau.msc2246.stable': ['createContent', 'uploadContentToMXC'],
  // State after the timeline.
  'org.matrix.msc4222': ['sync'],
  // Profile fields, among them the time zone.
  'uk.tcpip.msc4133': ['setProfileField', 'deleteProfileField'],
  'uk.tcpip.msc4133.stable': ['setProfileField', 'deleteProfileField'],
  'us.cloke.msc4175': ['setProfileField', 'deleteProfileField'],
  'us.cloke.msc4175.stable': ['setProfileField', 'deleteProfileField'],
  // Moderation.
  'uk.timedout.msc4323.stable': ['setAdminSuspendUser', 'setAdminLockUser'],
  // Pushers that can be switched off and on.
  'org.matrix.msc3881': ['postPusher', 'getPushers'],
  // Devices that receive keys while their users are away.
  'org.matrix.msc3814': ['getDehydratedDevice', 'putDehydratedDevice', 'getDehydratedDeviceEvents'],
  // Invites that users do not want.
  'org.matrix.msc4155': ['inviteUser', 'setAccountData'],
  'org.matrix.msc4380': ['inviteUser', 'setAccountData'],
  'org.matrix.msc4380.stable': ['inviteUser', 'setAccountData'],
  // Redactions that take along what relates to the event, and those that are sent like anything else.
  'org.matrix.msc3912': ['redactEvent'],
  'com.beeper.msc4169': ['sendMessage'],
  // Our own: see docs/broadcast-rooms.md.
  'online.beamify.broadcast': ['createRoom'],
  // Events that are sent later.
  'org.matrix.msc4140': ['sendDelayedEvent', 'updateDelayedEvent', 'getDelayedEvents'],
  // Application services.
  'fi.mau.msc2659.stable': ['pingAppservice'],
};

/** The flags that are true for a server with these endpoints. */
export function unstableFeatures(registry: readonly { readonly name: string }[]): Record<string, boolean> {
  const served = new Set(registry.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(FEATURES)
      .filter(([, endpoints]) => endpoints.every((name) => served.has(name)))
      .map(([flag]) => [flag, true]),
  );
}

/** Endpoints that flags depend on. */
export const ENDPOINTS_OF_FEATURES: ReadonlySet<string> = new Set(Object.values(FEATURES).flat());
