import { DELAYED, type StoredEvent } from './stored-event.ts';

/** Who is shown an event, and what of `unsigned` is theirs alone. */
export interface EventViewer {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly userId: string;
  readonly deviceId: string | undefined;
  /** The user's membership when the event was sent, for `unsigned.membership`. */
  readonly membership?: string | undefined;
  /** Members of `m.relations`, without braces: what bundles its related events. */
  readonly bundle?: string | undefined;
}

/**
 * The event as a client receives it, as JSON. Its common part is serialised once for everybody. The transaction id is
 * for the device that sent it; of events read from storage it must have been looked up before
 * ({@link EventTransactions}).
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-event-format
 */
export function clientEventJson(event: StoredEvent, viewer: EventViewer): string {
  return `{${event.clientMembers},"unsigned":${unsignedJson(event, viewer)}}`;
}

function unsignedJson(event: StoredEvent, viewer: EventViewer): string {
  const { transaction } = event;
  // Clocks of other servers may be ahead.
  let out = `{"age":${Math.max(0, viewer.now - event.originServerTs)}`;
  if (event.unsigned !== '') out += `,${event.unsigned}`;
  if (viewer.membership !== undefined) out += `,"membership":${JSON.stringify(viewer.membership)}`;
  if (transaction?.userId === viewer.userId) {
    const id = JSON.stringify(transaction.txnId);
    if (transaction.deviceId === DELAYED) out += `,"delay_id":${id},"org.matrix.msc4140.delay_id":${id}`;
    else if (transaction.deviceId === viewer.deviceId) out += `,"transaction_id":${id}`;
  }
  if (viewer.bundle !== undefined) out += `,"m.relations":{${viewer.bundle}}`;
  return `${out}}`;
}
