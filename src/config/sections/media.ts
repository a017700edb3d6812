import { duration, flag, group, list, oneOf, optional, path, size, whole } from '../fields.ts';

const thumbnail = group({
  comment: 'One size.',
  inline: true,
  fields: {
    width: whole({ comment: 'Pixels.', min: 1, max: 4096 }),
    height: whole({ comment: 'Pixels.', min: 1, max: 4096 }),
    method: oneOf({ comment: 'scale keeps the whole picture, crop fills the size.', values: ['scale', 'crop'] }),
  },
});

export const media = group({
  comment: 'Uploaded files.',
  fields: {
    path: path({ comment: 'Folder of the files.', inDataDir: 'media' }),
    max_upload_size: size({ comment: 'Largest file that may be uploaded.', default: '50MB', min: '1KB' }),
    max_pending_uploads: whole({
      comment: 'Addresses that a user may reserve before uploading to them.',
      default: 20,
      min: 1,
      max: 10000,
    }),
    pending_upload_lifetime: duration({
      comment: 'After this long a reserved address that was not used is given up.',
      default: '24h',
      min: '1m',
    }),
    max_image_pixels: whole({
      comment: 'Pictures with more pixels than this get no thumbnail.',
      default: 64_000_000,
      min: 1,
      max: 1_000_000_000,
    }),
    thumbnail_threads: whole({
      comment: 'Thumbnails that are made at the same time; more wait.',
      default: 2,
      min: 1,
      max: 64,
    }),
    thumbnail_queue: whole({
      comment: 'Thumbnails that may wait to be made; beyond, clients are told to try again later.',
      default: 200,
      min: 1,
      max: 100_000,
    }),
    thumbnail_sizes: list({
      comment: 'Sizes of thumbnails; a request gets the nearest that is large enough.',
      default: [
        { width: 32, height: 32, method: 'crop' },
        { width: 96, height: 96, method: 'crop' },
        { width: 320, height: 240, method: 'scale' },
        { width: 640, height: 480, method: 'scale' },
        { width: 800, height: 600, method: 'scale' },
      ],
      item: thumbnail,
    }),
    local_lifetime: optional(
      duration({
        comment:
          'Files of people of this server that nobody asked for in this time are removed, except pictures of profiles. Forever if\nnothing is said here.',
        example: '1000d',
        min: '1d',
      }),
    ),
    remote_cache_size: size({
      comment: 'Files of other servers that are kept; beyond, those that were not asked for longest are removed.',
      default: '10GB',
      min: '1MB',
    }),
    remote_lifetime: optional(
      duration({ comment: 'Those that nobody asked for in this time are removed.', example: '90d', min: '1d' }),
    ),
    remote_max_size: size({
      comment: 'Largest file of another server that is fetched.',
      default: '100MB',
      min: '1KB',
    }),
    remote_timeout: duration({ comment: 'Time to fetch a file of another server.', default: '5m', min: '1s' }),
    remote_retry: duration({
      comment: 'A file that could not be fetched is not tried again before this time.',
      default: '1m',
    }),
    remote_downloads: whole({
      comment: 'Files that are fetched at the same time.',
      default: 50,
      min: 1,
      max: 10_000,
    }),
    remote_downloads_waiting: whole({
      comment: 'Files that may wait to be; beyond, clients are told to try again later.',
      default: 1_000,
      min: 1,
      max: 1_000_000,
    }),
    unauthenticated_downloads: flag({
      comment: 'Whether clients from before authenticated media (2024) can download without an access token.',
      default: true,
    }),
  },
});
