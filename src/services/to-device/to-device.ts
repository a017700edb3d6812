import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import { transactionKey } from '../idempotency.ts';

/** User id to device id (or `*`) to content: the `messages` of `PUT /sendToDevice`. */
export type ToDeviceMessages = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

/** A message as it waits for a device: `json` is what the client receives. */
export interface WaitingMessage {
  readonly position: number;
  readonly json: string;
}

export interface ToDeviceSend {
  readonly sender: string;
  /** The sending device, or an application service's id. */
  readonly deviceId: string;
  readonly type: string;
  readonly txnId: string;
  readonly messages: ToDeviceMessages;
}

/** Takes messages for users of other servers. */
export interface RemoteToDevice {
  /** Adds to a write set that the messages go out. */
  addRemote(set: WriteSet, sender: string, type: string, messages: ToDeviceMessages): void;
}

export interface ToDeviceDependencies {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly remote: RemoteToDevice;
  readonly isLocal: (userId: string) => boolean;
  readonly limits: {
    /** Messages kept for one device; beyond, the oldest go. */
    readonly queue: number;
    /** Devices whose last message is kept in mind. */
    readonly devices: number;
  };
}

/** What is known of a device's queue. */
interface Queue {
  /** False while {@link last} is being read: only newer messages are known. */
  isKnown: boolean;
  /** Position of its newest message; 0 if it never had one. */
  last: number;
  /** Everything up to this position is deleted. */
  confirmed: number;
}

const ALL_DEVICES = '*';

/**
 * Messages to devices: each waits until the device's sync has come back with a token after it, so that it arrives at
 * least once.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#send-to-device-messaging
 */
export class ToDevice {
  private readonly d: ToDeviceDependencies;
  private readonly queues: Lru<string, Queue>;
  /** Messages since the queue was last cut to its length; a device that is not here is cut at its next message. */
  private readonly sinceTrim: Lru<string, number>;

  constructor(dependencies: ToDeviceDependencies) {
    this.d = dependencies;
    this.queues = new Lru({ max: dependencies.limits.devices });
    this.sinceTrim = new Lru({ max: dependencies.limits.devices });
  }

  /** Sends messages once, however often the client repeats the request. */
  async send({ sender, deviceId, type, txnId, messages }: ToDeviceSend): Promise<void> {
    const { storage, clock } = this.d;
    const key = transactionKey({ userId: sender, deviceId, operation: 'sendToDevice', params: [type], txnId });
    const isDone = async () => (await storage.read((tx) => tx.events.transaction(key))) !== undefined;
    if (await isDone()) return;
    const set = new WriteSet();
    await this.add(set, sender, type, messages);
    set.add('transactions.insert', {
      transaction_key: key,
      device_id: deviceId,
      txn_id: txnId,
      event_nid: null,
      response: '{}',
      created_at: clock.now(),
    });
    try {
      await storage.commit(set);
    } catch (error) {
      if (!(error instanceof ConflictError && (await isDone()))) throw error;
    }
  }

  /** Adds messages to a write set: those for devices that do not exist are dropped. */
  async add(set: WriteSet, sender: string, type: string, messages: ToDeviceMessages): Promise<void> {
    const local = Object.keys(messages).filter((user) => this.d.isLocal(user));
    const devices = await this.d.storage.read((tx) => tx.toDevice.devicesOf(local));
    for (const { user_id, device_id } of devices) {
      const content = contentFor(messages[user_id]!, device_id);
      if (content) this.addOne(set, user_id, device_id, JSON.stringify({ type, sender, content }));
    }
    const remote = Object.entries(messages).filter(([user]) => !this.d.isLocal(user));
    if (remote.length > 0) this.d.remote.addRemote(set, sender, type, Object.fromEntries(remote));
  }

  /** Messages with `after` < position ≤ `upTo`, the oldest `limit` of them. Asks storage only if there may be some. */
  async pending(
    userId: string,
    deviceId: string,
    after: number,
    upTo: number,
    limit: number,
  ): Promise<readonly WaitingMessage[]> {
    const queue = await this.queue(userId, deviceId);
    if (queue.isKnown && queue.last <= after) return [];
    return this.d.storage.read((tx) => tx.toDevice.pending(userId, deviceId, after, upTo, limit));
  }

  /** Whether it is known, without asking storage, that no message waits after a position. */
  hasNone(userId: string, deviceId: string, after: number): boolean {
    const queue = this.queues.peek(nameOf(userId, deviceId));
    return queue?.isKnown === true && queue.last <= after;
  }

  /** The device has received everything up to this position: it is deleted. */
  async confirm(userId: string, deviceId: string, upTo: number): Promise<void> {
    const queue = await this.queue(userId, deviceId);
    const newest = queue.isKnown ? Math.min(upTo, queue.last) : upTo;
    if (newest <= queue.confirmed) return;
    const before = queue.confirmed;
    queue.confirmed = upTo;
    const set = new WriteSet();
    set.add('to_device.confirm', { user_id: userId, device_id: deviceId, up_to: upTo });
    try {
      await this.d.storage.commit(set);
    } catch (error) {
      queue.confirmed = before;
      throw error;
    }
  }

  /** Adds to a write set that a device's queue goes with it. */
  forget(set: WriteSet, userId: string, deviceId: string): void {
    set.add('to_device.deleteOfDevice', { user_id: userId, device_id: deviceId });
    set.onCommitted(() => {
      this.queues.delete(nameOf(userId, deviceId));
      this.sinceTrim.delete(nameOf(userId, deviceId));
    });
  }

  private addOne(set: WriteSet, userId: string, deviceId: string, json: string): void {
    const device = { user_id: userId, device_id: deviceId };
    const offset = set.nextPosition();
    set.add('to_device.insert', { ...device, position: offset, json });
    if (this.isTrimDue(userId, deviceId)) set.add('to_device.trim', { ...device, keep: this.d.limits.queue });
    set.onCommitted((committed) => {
      const position = committed.position(offset);
      const queue = this.queues.peek(nameOf(userId, deviceId));
      if (queue) queue.last = Math.max(queue.last, position);
      this.d.notices.publish('toDevice', { userId, deviceId, position });
    });
  }

  /** Cutting reads the queue: it is done for every hundredth part of its length that was added. */
  private isTrimDue(userId: string, deviceId: string): boolean {
    const name = nameOf(userId, deviceId);
    const added = (this.sinceTrim.get(name) ?? Number.POSITIVE_INFINITY) + 1;
    const isDue = added > this.d.limits.queue / 100;
    this.sinceTrim.set(name, isDue ? 0 : added);
    return isDue;
  }

  private async queue(userId: string, deviceId: string): Promise<Queue> {
    const name = nameOf(userId, deviceId);
    const known = this.queues.get(name);
    if (known) return known;
    // In place before the read, so that a message committed meanwhile is noted.
    const queue: Queue = { isKnown: false, last: 0, confirmed: 0 };
    this.queues.set(name, queue);
    try {
      const last = await this.d.storage.read((tx) => tx.toDevice.lastPosition(userId, deviceId));
      queue.last = Math.max(queue.last, last);
      queue.isKnown = true;
    } catch (error) {
      this.queues.delete(name);
      throw error;
    }
    return queue;
  }
}

function nameOf(userId: string, deviceId: string): string {
  return `${userId}\0${deviceId}`;
}

function contentFor(devices: Readonly<Record<string, JsonObject>>, deviceId: string): JsonObject | undefined {
  if (Object.hasOwn(devices, deviceId)) return devices[deviceId];
  return Object.hasOwn(devices, ALL_DEVICES) ? devices[ALL_DEVICES] : undefined;
}
