/** Where a client has got to. Positions of typing and presence live in memory and count within one `instance`. */
export interface SyncToken {
  /** Everything up to this stream position has been delivered. */
  readonly position: number;
  /** The last to-device message really delivered. */
  readonly toDevice: number;
  readonly instance: string;
  readonly typing: number;
  readonly presence: number;
}

const VERSION = 1;
const TOKEN = /^s1\.(\d{1,15})\.(\d{1,15})\.([A-Za-z0-9]{1,32})\.(\d{1,15})\.(\d{1,15})$/;

/** `s<version>.<position>.<toDevice>.<instance>.<typing>.<presence>` */
export function formatSyncToken(token: SyncToken): string {
  return `s${VERSION}.${token.position}.${token.toDevice}.${token.instance}.${token.typing}.${token.presence}`;
}

/** The token, or undefined if `text` is none of this server's. */
export function parseSyncToken(text: string): SyncToken | undefined {
  const match = TOKEN.exec(text);
  if (!match) return undefined;
  const [, position, toDevice, instance, typing, presence] = match;
  return {
    position: Number(position),
    toDevice: Number(toDevice),
    instance: instance!,
    typing: Number(typing),
    presence: Number(presence),
  };
}
