import { notFound } from '../../protocol/errors.ts';
import { isMediaId } from '../../protocol/identifiers/mxc-uri.ts';
import type { LocalMediaRow } from '../../storage/contract/media.ts';
import type { Storage } from '../../storage/contract/storage.ts';

/** What is known of a file of this server, or of a reserved address. @throws 404 `M_NOT_FOUND` */
export async function localRow(
  here: { readonly storage: Storage; readonly serverName: string },
  { serverName, mediaId }: { readonly serverName: string; readonly mediaId: string },
): Promise<LocalMediaRow> {
  const isHere = serverName === here.serverName && isMediaId(mediaId);
  const row = isHere ? await here.storage.read((tx) => tx.media.get(mediaId)) : undefined;
  if (!row) throw notFound('There is no such file here');
  return row;
}

/** Whether an address was reserved and not used in time. */
export function hasExpired(row: LocalMediaRow, now: number): boolean {
  return row.expires_at !== null && row.expires_at <= now;
}
