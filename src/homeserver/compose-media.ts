/** Composes files: those of this server and of others, and thumbnails of both. */

import type { Config } from '../config/schema.ts';
import type { FederatedServers } from '../federation/federated-servers.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Outgoing } from '../outgoing/open-outgoing.ts';
import { Media } from '../services/media/media.ts';
import { MediaForServers } from '../services/media/media-for-servers.ts';
import { MediaUse } from '../services/media/media-use.ts';
import { RemoteFiles } from '../services/media/remote-files.ts';
import { RemoteMedia } from '../services/media/remote-media.ts';
import { Thumbnails } from '../services/media/thumbnails.ts';
import { UploadWaiters } from '../services/media/upload-waiters.ts';
import { Uploads } from '../services/media/uploads.ts';
import { PreviewFetcher } from '../services/previews/preview-fetcher.ts';
import { PreviewRules } from '../services/previews/preview-rules.ts';
import { UrlPreviews } from '../services/previews/url-previews.ts';
import { WebDocuments } from '../services/previews/web-documents.ts';
import type { Storage } from '../storage/contract/storage.ts';
import { DiskBlobs } from '../storage/media/disk-blobs.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { Random } from '../util/random.ts';

export interface MediaFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly loggers: Loggers;
  readonly storage: Storage;
  readonly federatedServers: FederatedServers;
  readonly federationClient: FederationClient;
  readonly outgoing: Outgoing;
}

export async function composeMedia(on: MediaFoundations) {
  const { config, clock, random, storage, federatedServers, federationClient, outgoing } = on;
  const { serverName, media: settings } = config;
  const blobs = await DiskBlobs.open(settings.path, random, clock);
  const files = new RemoteFiles(federationClient, outgoing.client, settings);
  const remote = new RemoteMedia({ servers: federatedServers, storage, blobs, files, clock, random, settings });
  const mediaUse = new MediaUse(storage, clock);
  const waiters = new UploadWaiters(clock);
  const media = new Media({ storage, blobs, clock, serverName, remote, use: mediaUse, waiters, settings });
  const uploads = new Uploads({ storage, blobs, clock, random, serverName, waiters, settings });
  const thumbnails = new Thumbnails({ storage, blobs, media, settings });
  const previews = config.urlPreviews;
  const documents = new WebDocuments(outgoing.client, new PreviewRules(previews), previews);
  const logger = on.loggers.named('previews');
  const fetcher = new PreviewFetcher({ documents, uploads, logger, settings: previews });
  return {
    ...{
      media,
      uploads,
      mediaUse,
      thumbnails,
      blobs,
      remoteMedia: remote,
      mediaForServers: new MediaForServers(media, thumbnails, random),
    },
    urlPreviews: new UrlPreviews({ storage, blobs, serverName, clock, fetcher, settings: previews }),
  };
}
