import type { DirectToDeviceContent } from '../../protocol/events/edu.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { OutgoingEduKind } from '../../storage/contract/outbox.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { Random } from '../../util/random.ts';
import type { NoticeBoard } from '../events.ts';
import type { RemoteToDevice, ToDeviceMessages } from './to-device.ts';

type ByUser = { [userId: string]: { [deviceId: string]: JsonObject } };

/** Hands messages for users of other servers to the outbox, in the transaction that accepts them. */
export class OutgoingToDevice implements RemoteToDevice {
  private readonly d: {
    readonly notices: NoticeBoard;
    readonly random: Random;
    /** Whether this server speaks with the other one. */
    readonly isSpokenWith: (server: ServerName) => boolean;
  };

  constructor(dependencies: OutgoingToDevice['d']) {
    this.d = dependencies;
  }

  /** One EDU for each server. Source: https://spec.matrix.org/v1.19/server-server-api/#send-to-device-messaging */
  addRemote(set: WriteSet, sender: string, type: string, messages: ToDeviceMessages): void {
    for (const [server, ofServer] of this.byServer(messages)) {
      const content: DirectToDeviceContent = { sender, type, message_id: this.d.random.token(32), messages: ofServer };
      const position = set.nextPosition();
      set.add('outgoing_edus.insert', {
        server,
        position,
        device_id: '',
        kind: OutgoingEduKind.toDevice,
        user_id: sender,
        stream_id: 0,
        prev_id: null,
        json: JSON.stringify(content),
      });
      set.onCommitted((committed) =>
        this.d.notices.publish('outgoingEdu', { position: committed.position(position), server }),
      );
    }
  }

  private byServer(messages: ToDeviceMessages): Map<ServerName, ByUser> {
    const found = new Map<ServerName, ByUser>();
    for (const [userId, devices] of Object.entries(messages)) {
      const server = serverOf(userId);
      if (server === undefined || !this.d.isSpokenWith(server)) continue;
      const users = found.get(server) ?? (Object.create(null) as ByUser);
      users[userId] = devices;
      found.set(server, users);
    }
    return found;
  }
}
