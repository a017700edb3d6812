import { createRequire } from 'node:module';
import type Sharp from 'sharp';
import { MatrixError, tooLarge } from '../../protocol/errors.ts';
import type { ThumbnailSize } from './thumbnail-size.ts';

export interface Thumbnail {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Whether it moves. */
  readonly animated: boolean;
}

export interface ThumbnailRequest {
  readonly size: ThumbnailSize;
  /** Whether a picture that moves should go on moving. */
  readonly animated: boolean;
  /** More pixels than this, all frames together, are not decoded. */
  readonly maxPixels: number;
}

const JPEG_QUALITY = 80;
const WEBP_QUALITY = 75;
const MAX_SECONDS = 20;

let library: typeof Sharp | undefined;

/** The library, loaded with the first picture: it takes 20 MiB. */
function sharp(...[original, options]: Parameters<typeof Sharp>): ReturnType<typeof Sharp> {
  library ??= restricted(createRequire(import.meta.url)('sharp') as typeof Sharp);
  return library(original, options);
}

function restricted(loaded: typeof Sharp): typeof Sharp {
  // Of all that the library can read, only what browsers show: the rest (SVG, PDF, …) reaches too far into the system.
  loaded.block({ operation: ['VipsForeignLoad'] });
  loaded.unblock({
    operation: [
      'VipsForeignLoadJpeg',
      'VipsForeignLoadPng',
      'VipsForeignLoadWebp',
      'VipsForeignLoadNsgif',
      'VipsForeignLoadHeif',
    ],
  });
  // One thread a picture, so that the configured number of pictures is that of busy threads.
  loaded.concurrency(1);
  loaded.cache(false);
  return loaded;
}

/**
 * Makes a thumbnail on a thread of its own, without the metadata of the original.
 * @throws 413 `M_TOO_LARGE` for too many pixels, 400 `M_UNKNOWN` for what is no picture
 */
export async function makeThumbnail(original: Buffer, request: ThumbnailRequest): Promise<Thumbnail> {
  const { width, height, pages, isPng } = await look(original);
  if (width * height > request.maxPixels) throw tooLarge('The picture has too many pixels for a thumbnail');
  const animated = request.animated && pages > 1 && width * height * pages <= request.maxPixels;
  const { size } = request;
  const picture = sharp(original, { limitInputPixels: request.maxPixels, animated, failOn: 'error' })
    .timeout({ seconds: MAX_SECONDS })
    .autoOrient()
    .resize({
      width: size.width,
      height: size.height,
      fit: size.method === 'crop' ? 'cover' : 'inside',
      withoutEnlargement: true,
    });
  try {
    if (animated) {
      const bytes = await picture.webp({ quality: WEBP_QUALITY, effort: 2 }).toBuffer();
      return { bytes, contentType: 'image/webp', animated };
    }
    if (isPng) return { bytes: await picture.png().toBuffer(), contentType: 'image/png', animated };
    return { bytes: await picture.jpeg({ quality: JPEG_QUALITY }).toBuffer(), contentType: 'image/jpeg', animated };
  } catch (cause) {
    throw noThumbnail(cause);
  }
}

/** Pixels of a picture, the right way up; undefined for what is none. */
export async function imageSize(original: Buffer): Promise<{ width: number; height: number } | undefined> {
  try {
    const { width, height } = await look(original);
    return { width, height };
  } catch (error) {
    if (error instanceof MatrixError) return undefined;
    throw error;
  }
}

interface Look {
  readonly width: number;
  /** Of one frame. */
  readonly height: number;
  readonly pages: number;
  /** Whether it needs lossless edges or transparency: it stays a PNG. */
  readonly isPng: boolean;
}

/** Reads the head of the picture, and no pixel. */
async function look(original: Buffer): Promise<Look> {
  try {
    const {
      width,
      height,
      pageHeight,
      pages = 1,
      hasAlpha,
      format,
    } = await sharp(original, {
      limitInputPixels: false,
    }).metadata();
    return { width, height: pageHeight ?? height, pages, isPng: hasAlpha || format === 'png' };
  } catch (cause) {
    throw noThumbnail(cause);
  }
}

function noThumbnail(cause: unknown): MatrixError {
  return new MatrixError('M_UNKNOWN', 'There can be no thumbnail of this file', { status: 400, cause });
}
