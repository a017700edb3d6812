import { duration, flag, group, list, size, text, whole } from '../fields.ts';

const urlPattern = text({
  comment: 'Host and path, * for anything.',
  example: 'intranet.example.org/*',
});

export const urlPreviews = group({
  comment:
    'Previews of pages that links lead to. The server fetches the pages, which shows their owners that somebody was sent\nthe link; only addresses that `outgoing` permits are asked.',
  fields: {
    enabled: flag({ comment: 'Whether there are any.', default: false }),
    allow: list({ comment: 'Pages that are fetched; all if none is named.', default: [], item: urlPattern }),
    deny: list({ comment: 'Pages that are not fetched.', default: [], item: urlPattern }),
    languages: text({ comment: 'Languages in which pages are wanted.', default: 'en, *;q=0.5' }),
    timeout: duration({ comment: 'Time for a page, and for its picture.', default: '10s', min: '100ms' }),
    max_page_size: size({ comment: 'What is beyond this of a page is not read.', default: '1MB', min: '16KB' }),
    max_image_size: size({ comment: 'Largest picture.', default: '10MB', min: '16KB' }),
    lifetime: duration({ comment: 'For this long a page is not asked for again.', default: '24h', min: '1m' }),
    keep: duration({ comment: 'For this long pictures are kept.', default: '7d', min: '1h' }),
    max_kept: whole({
      comment: 'Previews that are kept; beyond, the oldest go with their pictures.',
      default: 20_000,
      min: 1,
      max: 10_000_000,
    }),
    fetches: whole({ comment: 'Pages that are fetched at the same time.', default: 10, min: 1, max: 1_000 }),
    fetches_waiting: whole({
      comment: 'Pages that may wait for that; beyond, clients are told to try again later.',
      default: 100,
      min: 0,
      max: 100_000,
    }),
  },
});
