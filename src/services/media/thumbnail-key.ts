import type { ThumbnailRow } from '../../storage/contract/media.ts';

type Named = Pick<ThumbnailRow, 'width' | 'height' | 'method' | 'animated'>;

/** What tells a thumbnail from others of the same file. */
export function thumbnailName({ width, height, method, animated }: Named): string {
  return `${width}x${height}-${method}${animated === 1 ? '-animated' : ''}`;
}

/** The key of the bytes of a thumbnail. */
export function thumbnailKey(mediaId: string, row: Named): string {
  return `thumbnails/${mediaId}/${thumbnailName(row)}`;
}
