/** Every endpoint of the server: what is not in this list does not exist. Sorted by folder, then by name. */
import { getCapabilities } from './client/server/get-capabilities.ts';
import { getVersions } from './client/server/get-versions.ts';
import { getVersion } from './server/version/get-version.ts';
import { getWellKnown } from './well-known/get-well-known.ts';
import { getWellknown } from './well-known/get-wellknown.ts';
import { getWellknownSupport } from './well-known/get-wellknown-support.ts';

export const registry = [
  // client/server
  getCapabilities,
  getVersions,
  // server/version
  getVersion,
  // well-known
  getWellknown,
  getWellKnown,
  getWellknownSupport,
];
