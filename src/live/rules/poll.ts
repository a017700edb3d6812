/**
 * Polls of a channel as events of MSC3381, in the form that Element shows today. Votes of viewers are counted by the
 * server and are no events; the event of the end says how it came out.
 */
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';

const START = 'org.matrix.msc3381.poll.start';
const END = 'org.matrix.msc3381.poll.end';
const RESPONSE = 'org.matrix.msc3381.poll.response';
const TEXT = 'org.matrix.msc1767.text';
/** What the server says of a poll of its own making. */
const POLL_BLOCK = 'online.beamify.poll';

export const POLL_START = START;
export const POLL_END = END;
const STARTS = new Set([START, 'm.poll.start']);
const ENDS = new Set([END, 'm.poll.end']);
const RESPONSES = new Set([RESPONSE, 'm.poll.response']);

export const isPollStart = (type: string) => STARTS.has(type);
export const isPollEnd = (type: string) => ENDS.has(type);
export const isPollResponse = (type: string) => RESPONSES.has(type);

export interface Poll {
  readonly question: string;
  readonly answers: readonly { readonly id: string; readonly text: string }[];
  /** Milliseconds since the epoch; undefined where whoever began it did not say. */
  readonly endsAt: number | undefined;
}

const MAX_ANSWERS = 20;

export function pollStartContent(question: string, texts: readonly string[], endsAt: number): JsonObject {
  const answers = texts.map((text, index) => ({ id: String(index), [TEXT]: text }));
  const fallback = [question, ...texts.map((text, index) => `${index + 1}. ${text}`)].join('\n');
  return {
    [START]: {
      question: { [TEXT]: question, body: question, msgtype: 'm.text' },
      ...{ kind: 'org.matrix.msc3381.poll.disclosed', max_selections: 1, answers },
    },
    [TEXT]: fallback,
    [POLL_BLOCK]: { ends_at: endsAt },
  };
}

export function pollEndContent(pollId: string, { answers }: Poll, counts: readonly number[]): JsonObject {
  const text = answers.map((answer, index) => `${answer.text}: ${counts[index] ?? 0}`).join('\n');
  return {
    'm.relates_to': { rel_type: 'm.reference', event_id: pollId },
    [END]: {},
    [TEXT]: text,
    [POLL_BLOCK]: { counts: [...counts] },
  };
}

/** The poll that an event begins, by whichever client; undefined for one that is none. */
export function readPoll(content: JsonObject): Poll | undefined {
  const start = content[START] ?? content['m.poll'];
  if (!isJsonObject(start) || !Array.isArray(start['answers'])) return undefined;
  const answers = start['answers'].slice(0, MAX_ANSWERS).flatMap((answer) => {
    const id = isJsonObject(answer) ? (stringIn(answer, 'id') ?? stringIn(answer, 'm.id')) : undefined;
    return isJsonObject(answer) && id !== undefined ? [{ id, text: textIn(answer) }] : [];
  });
  const { question } = start;
  const block = content[POLL_BLOCK];
  const endsAt = isJsonObject(block) && typeof block['ends_at'] === 'number' ? block['ends_at'] : undefined;
  return answers.length < 2 ? undefined : { question: isJsonObject(question) ? textIn(question) : '', answers, endsAt };
}

/** How a poll came out, as the server says at its end; undefined where somebody else ended it. */
export function countsIn(content: JsonObject): number[] | undefined {
  const block = content[POLL_BLOCK];
  const counts = isJsonObject(block) ? block['counts'] : undefined;
  return Array.isArray(counts) ? counts.filter((count) => typeof count === 'number') : undefined;
}

/** The ids of the answers that a response of Element chooses. */
export function chosenIn(content: JsonObject): readonly string[] {
  const response = content[RESPONSE];
  const chosen = isJsonObject(response) ? response['answers'] : content['m.selections'];
  return Array.isArray(chosen) ? chosen.filter((id) => typeof id === 'string') : [];
}

function textIn(block: JsonObject): string {
  const stable = block['m.text'];
  const first = Array.isArray(stable) && isJsonObject(stable[0]) ? stringIn(stable[0], 'body') : undefined;
  return stringIn(block, TEXT) ?? first ?? stringIn(block, 'body') ?? '';
}
