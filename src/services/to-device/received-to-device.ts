import { isBoundedText } from '../../protocol/identifiers/brand.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { ToDevice } from './to-device.ts';

export interface ReceivedToDeviceDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly toDevice: ToDevice;
  readonly isLocal: (userId: string) => boolean;
  readonly limits: {
    /** Bytes of a message to one device; larger ones are dropped. */
    readonly messageSize: number;
  };
}

/** Messages to devices that other servers bring: each arrives once, however often it is sent. */
export class ReceivedToDevice {
  private readonly d: ReceivedToDeviceDependencies;

  constructor(dependencies: ReceivedToDeviceDependencies) {
    this.d = dependencies;
  }

  /**
   * Takes in the content of `m.direct_to_device`.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#m-direct_to_device-schema
   */
  async receive(origin: string, content: JsonObject): Promise<void> {
    const { sender, type, message_id: messageId, messages } = content;
    if (!isUserId(sender) || serverOf(sender) !== origin) return;
    if (typeof type !== 'string' || !isBoundedText(type)) return;
    if (typeof messageId !== 'string' || !isBoundedText(messageId) || !isJsonObject(messages)) return;
    const hasCome = () => this.d.storage.read((tx) => tx.inbox.hasReceived(origin, messageId));
    if (await hasCome()) return;
    const set = new WriteSet();
    set.add('received_messages.insert', { origin, message_id: messageId, received_at: this.d.clock.now() });
    await this.d.toDevice.add(set, sender, type, this.forLocals(messages));
    try {
      await this.d.storage.commit(set);
    } catch (error) {
      if (!(error instanceof ConflictError && (await hasCome()))) throw error;
    }
  }

  /** Forgets which messages have come before a time. */
  async forgetBefore(time: number): Promise<void> {
    await this.d.storage.commit(new WriteSet().add('received_messages.expire', { received_at: time }));
  }

  private forLocals(messages: JsonObject): Record<string, Record<string, JsonObject>> {
    const found: Record<string, Record<string, JsonObject>> = Object.create(null);
    for (const [userId, devices] of Object.entries(messages)) {
      if (!isUserId(userId) || !this.d.isLocal(userId) || !isJsonObject(devices)) continue;
      const ofUser: Record<string, JsonObject> = Object.create(null);
      for (const [deviceId, content] of Object.entries(devices)) {
        if (isJsonObject(content) && this.isSmall(content)) ofUser[deviceId] = content;
      }
      found[userId] = ofUser;
    }
    return found;
  }

  private isSmall(content: JsonObject): boolean {
    return Buffer.byteLength(JSON.stringify(content)) <= this.d.limits.messageSize;
  }
}
