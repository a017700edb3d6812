/** A channel by server-sent events. */
import type { HttpLine } from './http-line.ts';
import type { Frame, LiveChannel } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import { readEvents } from './read-events.ts';

export interface Reading {
  readonly http: HttpLine;
  readonly channel: LiveChannel;
  readonly profile: string;
  readonly moderator: boolean;
  readonly signal: AbortSignal;
  /** Told once it works. */
  opened(): void;
  /** Told of what is for everybody. */
  system(frame: Frame): void;
}

/** Proxies that keep back what they should pass on say nothing at first. */
const FIRST_WORD_MS = 10_000;
const SILENCE_MS = 60_000;

/** Reads until the stream ends. Rejects with a {@link LiveError} that has the code of a close or a status. */
export async function readStream({
  http,
  channel,
  profile,
  moderator,
  signal,
  opened,
  system,
}: Reading): Promise<void> {
  const attempt = new AbortController();
  const end = () => attempt.abort();
  signal.addEventListener('abort', end, { once: true });
  let timer = setTimeout(end, FIRST_WORD_MS);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(end, SILENCE_MS);
  };
  let code: number | undefined;
  const take = (data: string) => {
    if (attempt.signal.aborted) return;
    const frame = JSON.parse(data) as Frame;
    // What waits to be sent goes as soon as the channel is joined.
    if (frame.op === 'joined') opened();
    if (frame.op === 'bye') code = frame['code'] as number;
    else if (frame.op === 'sys') system(frame);
    else channel.take(frame);
  };
  try {
    const answer = await http.request(
      'GET',
      channel.id,
      `/events?${asked(channel, profile, moderator)}`,
      attempt.signal,
    );
    if (!answer.ok || !answer.body) throw new LiveError(String(answer.status), 'There is no stream');
    await readEvents(answer.body, take, heard);
    if (code !== undefined) throw new LiveError(String(code), 'The server has ended the stream');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function asked({ position }: LiveChannel, profile: string, moderator: boolean): URLSearchParams {
  const { epoch, seq, mseq } = position;
  return new URLSearchParams({
    profile,
    ...(moderator ? { mod: 'true' } : {}),
    ...(epoch === undefined ? {} : { from: `${epoch}:${seq}` }),
    ...(mseq === undefined ? {} : { mseq: String(mseq) }),
  });
}
