import { serverOf } from '../identifiers/parts.ts';
import { type Membership, membershipIn } from './content-readers.ts';
import type { ReceivedPdu } from './read-pdu.ts';

/** What an event that changes a membership must be to be taken from, or signed for, another server. */
export interface ExpectedMember {
  readonly roomId: string;
  readonly eventId: string;
  readonly membership: Membership;
  /** The server that sends it: the sender must be of it. */
  readonly origin: string;
  /** Whose membership it must be: that of the sender, or that of a user of this server. */
  readonly of: 'sender' | { readonly server: string };
}

/**
 * What is wrong with the event, if anything: servers must not be made to accept or sign other events than those that
 * the request is for.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2send_joinroomideventid and
 * https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2inviteroomideventid
 */
export function memberEventProblem(
  { eventId, roomId, pdu }: ReceivedPdu,
  expected: ExpectedMember,
): string | undefined {
  if (pdu.type !== 'm.room.member' || membershipIn(pdu.content) !== expected.membership) {
    return `The event is not m.room.member with the membership ${expected.membership}`;
  }
  if (roomId !== expected.roomId) return 'The event is of another room';
  if (serverOf(pdu.sender) !== expected.origin) return 'The sender is not of the server that sends the event';
  if (expected.of === 'sender') {
    if (pdu.state_key !== pdu.sender) return 'The event is for another user than its sender';
  } else if (pdu.state_key === undefined || serverOf(pdu.state_key) !== expected.of.server) {
    return 'The event is for no user of this server';
  }
  return eventId === expected.eventId ? undefined : 'The event has another id';
}
