import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import type { NoticeBoard } from '../events.ts';
import type { ToDevice } from '../to-device/to-device.ts';
import type { KeyCounts } from './key-counts.ts';

export interface ForgetDevicesDependencies {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly keyCounts: KeyCounts;
  readonly toDevice: ToDevice;
  readonly logger: Logger;
}

interface Device {
  readonly userId: string;
  readonly deviceId: string;
}

const SWEEP = 500;

/** Deletes the keys of devices that are gone and what waited for them: the next device of that id begins anew. */
export class ForgetDevices {
  private readonly d: ForgetDevicesDependencies;

  constructor(dependencies: ForgetDevicesDependencies) {
    this.d = dependencies;
    // Handed to the committer at once: before anything that a new device of the same id may upload.
    dependencies.notices.on('deviceDeleted', (device) => {
      this.forget([device]).catch((error: unknown) => {
        this.d.logger.error({ err: error, ...device }, 'the keys of a deleted device are still there');
      });
    });
  }

  /** Finishes what was under way when the server ended. */
  async start(): Promise<void> {
    for (;;) {
      const rows = await this.d.storage.readHeavy(async (tx) => [
        ...(await tx.deviceKeys.orphans(SWEEP)),
        ...(await tx.toDevice.orphans(SWEEP)),
      ]);
      if (rows.length === 0) return;
      await this.forget(rows.map((row) => ({ userId: row.user_id, deviceId: row.device_id })));
    }
  }

  private async forget(devices: readonly Device[]): Promise<void> {
    const set = new WriteSet();
    for (const { userId, deviceId } of devices) {
      const device = { user_id: userId, device_id: deviceId };
      set.add('device_keys.delete', device);
      set.add('one_time_keys.deleteOfDevice', device);
      set.add('fallback_keys.deleteOfDevice', device);
      set.add('key_signatures.deleteOn', { user_id: userId, target: deviceId });
      set.add('key_signatures.deleteBy', { signer_id: userId, signer_key: `ed25519:${deviceId}` });
      this.d.toDevice.forget(set, userId, deviceId);
      this.d.keyCounts.changedBy(set, userId, deviceId);
    }
    await this.d.storage.commit(set);
  }
}
