import type { DeviceOptions } from './device.ts';

/** A recovery key as a user keeps it: what secret storage is locked with, and unlocked on another device. */
export class RecoveryKey {
  #key: Uint8Array | undefined;

  /** Options of a device whose user has the key at hand. */
  readonly atHand: DeviceOptions = {
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => {
        const [id] = Object.keys(keys);
        return id !== undefined && this.#key !== undefined ? [id, this.#key] : null;
      },
    },
  };

  keep(key: Uint8Array): void {
    this.#key = key;
  }
}
