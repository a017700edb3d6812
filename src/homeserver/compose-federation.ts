/** Composes what it takes to speak with other servers: where they are, who they are, and how to ask them. */
import type { Config } from '../config/schema.ts';
import { ServerAuthenticator } from '../federation/authentication/server-authenticator.ts';
import { Delegations } from '../federation/discovery/delegations.ts';
import { ServerDiscovery } from '../federation/discovery/server-discovery.ts';
import { WellKnownClient } from '../federation/discovery/well-known-client.ts';
import { FederatedServers } from '../federation/federated-servers.ts';
import { KeyRing } from '../federation/key-ring/key-ring.ts';
import type { KeySource } from '../federation/key-ring/key-source.ts';
import { KnownKeys } from '../federation/key-ring/known-keys.ts';
import { NotaryKeys } from '../federation/key-ring/notary-keys.ts';
import { OriginKeys } from '../federation/key-ring/origin-keys.ts';
import { OwnKeys } from '../federation/key-ring/own-keys.ts';
import { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Surroundings } from '../homeserver.ts';
import { openOutgoing } from '../outgoing/open-outgoing.ts';
import type { ServerName } from '../protocol/identifiers/server-name.ts';
import type { SigningKey } from '../protocol/signing/signing-key.ts';
import { ServerKeys } from '../services/server-keys/server-keys.ts';
import type { Storage } from '../storage/contract/storage.ts';

export function composeFederation(
  config: Config,
  around: Surroundings,
  { storage, signingKey }: { readonly storage: Storage; readonly signingKey: SigningKey },
) {
  const { clock, random, loggers } = around;
  const { federation: settings } = config;
  const serverName = config.serverName as ServerName;
  const outgoing = openOutgoing(config.outgoing, around);
  const wellKnown = new WellKnownClient(outgoing.client, { clock, timeoutMs: settings.wellKnownTimeout });
  const delegations = new Delegations(wellKnown, { clock, maxEntries: settings.wellKnownCacheEntries });
  const serverDiscovery = new ServerDiscovery(delegations, outgoing.resolver, random);
  const federatedServers = new FederatedServers(settings, serverName);
  const federationClient = new FederationClient(outgoing.client, serverDiscovery, {
    serverName,
    key: signingKey,
    servers: federatedServers,
  });
  const ownKeys = new OwnKeys({ serverName, signingKey, ...settings }, clock);
  const knownKeys = new KnownKeys(storage, clock, settings);
  const logger = loggers.named('keys');
  const parts = { client: federationClient, known: knownKeys, clock, logger, settings };
  const sources: KeySource[] = [new OriginKeys(parts)];
  const keyRing = new KeyRing(ownKeys, knownKeys, sources);
  for (const name of settings.keyServers) {
    sources.push(new NotaryKeys(name as ServerName, parts, (wanted) => keyRing.lookup(wanted)));
  }
  return {
    outgoing,
    federatedServers,
    federationClient,
    keyRing,
    serverAuthenticator: new ServerAuthenticator({
      ...{ serverName, servers: federatedServers, keys: keyRing, clock, settings },
    }),
    serverKeys: new ServerKeys({
      ...{ own: ownKeys, ring: keyRing, known: knownKeys, servers: federatedServers, clock, logger },
      settings,
    }),
  };
}
