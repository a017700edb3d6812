import { verify } from 'node:crypto';
import type { SignatureCheck } from '../../../protocol/signing/verify-event.ts';
import { signatureBytes } from '../../../protocol/signing/verify-key.ts';

/** Of the threads of libuv, of which there are four: files and names are read there, too. */
const THREADS = 2;

interface Job {
  readonly check: SignatureCheck;
  readonly done: (isRight: boolean) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Verifies signatures beside the event loop, first come first served. What waits is bounded by those who ask: they wait
 * for one batch before they ask for the next.
 */
export class SignatureThreads {
  private readonly waiting: Job[] = [];
  private busy = 0;

  /** Whether each signature is right, in the same order. */
  areRight(checks: readonly SignatureCheck[]): Promise<boolean[]> {
    return Promise.all(checks.map((check) => this.isRight(check)));
  }

  private isRight(check: SignatureCheck): Promise<boolean> {
    return new Promise((done, failed) => {
      this.waiting.push({ check, done, failed });
      if (this.busy < THREADS) this.begin();
    });
  }

  private begin(): void {
    const job = this.waiting.shift();
    if (!job) return;
    const { check, done, failed } = job;
    const signature = signatureBytes(check.signature);
    if (!signature) {
      done(false);
      this.begin();
      return;
    }
    this.busy += 1;
    verify(null, Buffer.from(check.text), check.key.publicKey, signature, (error, isRight) => {
      this.busy -= 1;
      if (error) failed(error);
      else done(isRight);
      this.begin();
    });
  }
}
