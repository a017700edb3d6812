/** Where the endpoints of live rooms are. */
export const LIVE_PATH = '/_matrix/client/unstable/online.beamify/live';
export const CHANNEL_PATH = `${LIVE_PATH}/channels/{channel}` as const;

/** What the specification does not have. */
export const EXTENSION = 'live rooms';
