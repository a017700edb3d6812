import type { AuthDict, UIAuthCallback } from 'matrix-js-sdk';
import type { Device } from './device.ts';

/** Answers a demand for authentication with the password of the user, and counts how often it was made. */
export class PasswordPrompt {
  asked = 0;

  constructor(private readonly device: Device) {}

  readonly callback: UIAuthCallback<void> = async (makeRequest) => {
    try {
      await makeRequest(null);
    } catch (error) {
      const session = sessionOf(error);
      if (session === undefined) throw error;
      this.asked += 1;
      await makeRequest(this.#answer(session));
    }
  };

  #answer(session: string): AuthDict {
    return {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: this.device.userId },
      password: this.device.session.password,
      session,
    };
  }
}

/** Makes the cross-signing identity of a user, or a new one; gives how often the password was asked for. */
export async function setUpCrossSigning(device: Device, again = false): Promise<number> {
  const prompt = new PasswordPrompt(device);
  await device.crypto.bootstrapCrossSigning({
    setupNewCrossSigning: again,
    authUploadDeviceSigningKeys: prompt.callback,
  });
  return prompt.asked;
}

function sessionOf(error: unknown): string | undefined {
  const { httpStatus, data } = error as { httpStatus?: number; data?: { session?: string } };
  return httpStatus === 401 ? data?.session : undefined;
}
