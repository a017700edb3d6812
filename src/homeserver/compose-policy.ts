/** Composes the two sides of policy servers: asking those of rooms, and being one. */
import type { Config } from '../config/schema.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Surroundings } from '../homeserver.ts';
import type { SigningKey } from '../protocol/signing/signing-key.ts';
import type { Admission } from '../services/admission/admission.ts';
import { PolicyServers } from '../services/admission/policy-servers.ts';
import { PolicyServer } from '../services/policy-server/policy-server.ts';
import type { EventChecks } from '../services/timeline/receive-pdu/check-signatures.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import { openSigningKey } from './open-signing-key.ts';

export function composePolicy(
  { serverName, policyServer: settings }: Config,
  { random }: Surroundings,
  {
    federationClient: client,
    admission,
  }: { readonly federationClient: FederationClient; readonly admission: Admission },
) {
  const policyKey = settings.enabled ? openSigningKey(settings.signingKey, random, 'policy_server') : undefined;
  const limits = { timeout: settings.timeout, refusals: settings.answers };
  return { policyKey, policies: new PolicyServers({ client, admission, serverName, key: policyKey, limits }) };
}

export function openPolicyServer(
  { serverName, policyServer: { answers } }: Config,
  on: {
    readonly rooms: RoomCache;
    readonly admission: Admission;
    readonly checks: EventChecks;
    readonly policyKey: SigningKey | undefined;
  },
): PolicyServer {
  const { rooms, admission, checks, policyKey: key } = on;
  return new PolicyServer({ rooms, admission, checks, serverName, key, limits: { answers } });
}
