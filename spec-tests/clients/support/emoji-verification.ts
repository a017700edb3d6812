import { strict as assert } from 'node:assert';
import {
  CryptoEvent,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  type Verifier,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { Device } from './device.ts';

const STEP_MS = 20_000;
const SAS = 'm.sas.v1';

/** Gives the next request for verification that arrives at a device: ask for it before the other side asks. */
export function nextVerificationRequest(device: Device): Promise<VerificationRequest> {
  const request = new Promise<VerificationRequest>((resolve) => {
    device.client.once(CryptoEvent.VerificationRequestReceived, resolve);
  });
  return within(request, `${device.userId} is asked to verify`);
}

/**
 * Two people, or one before two screens, compare the emojis: the asked side accepts, the asking side starts, both see
 * the same seven, both say so.
 */
export async function compareEmojis(asking: VerificationRequest, asked: VerificationRequest): Promise<void> {
  await asked.accept();
  await changed(asking, 'is accepted', () => asking.phase === VerificationPhase.Ready);
  const first = await asking.startVerification(SAS);
  const second = await changed(asked, 'has a verifier', () => asked.verifier);
  const shownToFirst = shown(first);
  const shownToSecond = shown(second);
  const verified = [first.verify(), second.verify()];
  const [left, right] = await Promise.all([shownToFirst, shownToSecond]);
  assert.equal(left.sas.emoji?.length, 7);
  assert.deepEqual(left.sas.emoji, right.sas.emoji);
  await Promise.all([left.confirm(), right.confirm()]);
  await within(Promise.all(verified), 'both are verified');
  await Promise.all(
    [asking, asked].map((side) => changed(side, 'is done', () => side.phase === VerificationPhase.Done)),
  );
}

function shown(verifier: Verifier): Promise<ShowSasCallbacks> {
  const callbacks = new Promise<ShowSasCallbacks>((resolve, reject) => {
    verifier.once(VerifierEvent.ShowSas, resolve);
    verifier.once(VerifierEvent.Cancel, reject);
  });
  return within(callbacks, 'the emojis are shown');
}

/** Waits until a request gets to a state. */
function changed<T>(request: VerificationRequest, what: string, check: () => T | undefined | false): Promise<T> {
  const reached = new Promise<T>((resolve, reject) => {
    const ask = () => {
      const answer = check();
      const cancelled = request.phase === VerificationPhase.Cancelled;
      if (answer === undefined || answer === false) {
        if (cancelled) reject(new Error(`the verification was cancelled: ${request.cancellationCode}`));
        return;
      }
      request.off(VerificationRequestEvent.Change, ask);
      resolve(answer);
    };
    request.on(VerificationRequestEvent.Change, ask);
    ask();
  });
  return within(reached, what);
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${STEP_MS} ms: ${what}`)), STEP_MS);
  });
  return Promise.race([promise, expired]).finally(() => clearTimeout(timer));
}
