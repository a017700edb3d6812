/** A thread that resolves large conflicts between states. Started by `resolution-thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ResolutionReply, ResolutionRequest } from '../services/timeline/resolution/large-resolutions.ts';
import { resolveStored } from '../services/timeline/resolution/stored-resolutions.ts';
import { openReader, type ReaderOptions } from '../storage/open-storage.ts';

export type ThreadReply = { readonly reply: ResolutionReply } | { readonly error: string };

const storage = openReader(workerData as ReaderOptions);
let last: Promise<void> = Promise.resolve();

async function answer(request: ResolutionRequest): Promise<ThreadReply> {
  try {
    return { reply: await resolveStored(storage.read, request) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

// One after the other: who asks takes the answers in the order of the questions.
parentPort!.on('message', (request: ResolutionRequest) => {
  last = last.then(async () => parentPort!.postMessage(await answer(request)));
});
