import type { RemoteInvites } from './remote-invites.ts';
import type { RemoteJoins } from './remote-joins.ts';
import type { RemoteKnocks } from './remote-knocks.ts';
import type { RemoteLeaves } from './remote-leaves.ts';

/** What of memberships needs the help of other servers. */
export interface RemoteMembership {
  readonly joins: RemoteJoins;
  readonly leaves: RemoteLeaves;
  readonly knocks: RemoteKnocks;
  readonly invites: RemoteInvites;
}
