/** Where a notice says what it is about: `{"kind": "announcement", …}`. Only the server writes it. */
export const NOTICE_BLOCK = 'online.beamify.notice';
