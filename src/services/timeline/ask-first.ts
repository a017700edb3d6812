import { unknown } from '../../protocol/errors.ts';
import type { EventDraft } from './event-template.ts';
import type { SignedEvent } from './stored-event.ts';

/** Questions of one change: a room whose policy changes all the time is not asked about forever. */
const MOST_QUESTIONS = 10;

/**
 * Thrown in a room's turn by a decision on which others, who take their time, have a say: the turn ends, they are asked,
 * and the decision is made again in another turn, with the answer and on what the room is by then.
 */
export class AskFirst extends Error {
  override readonly name = 'AskFirst';
  /** Puts what is answered among the answers. */
  readonly ask: () => Promise<void>;

  constructor(ask: () => Promise<void>) {
    super('others have to be asked first');
    this.ask = ask;
  }
}

/** What has been answered for one change of a room, between its turns. */
export class Answers {
  // Made when needed: most rooms have no policy server, so that nothing is asked.
  private recommended: Map<string, SignedEvent> | undefined;
  private admitted: Set<string> | undefined;
  private questions = 0;

  /** @throws what is answered; M_UNKNOWN 503 if there have been too many questions already */
  async askedFor({ ask }: AskFirst): Promise<void> {
    this.questions += 1;
    if (this.questions > MOST_QUESTIONS) {
      throw unknown('The room changes faster than its policy server answers. Try again later.', { status: 503 });
    }
    await ask();
  }

  /** The event that the draft became, with its recommendation. */
  forDraft(draft: EventDraft): SignedEvent | undefined {
    return this.recommended?.get(keyOf(draft));
  }

  putDraft(draft: EventDraft, event: SignedEvent): void {
    this.put(keyOf(draft), event);
  }

  /** The event of another server with its recommendation. */
  forEvent({ eventId }: SignedEvent): SignedEvent | undefined {
    return this.recommended?.get(eventId);
  }

  putEvent(event: SignedEvent): void {
    this.put(event.eventId, event);
  }

  /** Whether the gates have let the draft in: they are asked once. */
  isAdmitted(draft: EventDraft): boolean {
    return this.admitted?.has(keyOf(draft)) === true;
  }

  putAdmitted(draft: EventDraft): void {
    this.admitted ??= new Set();
    this.admitted.add(keyOf(draft));
  }

  private put(key: string, event: SignedEvent): void {
    this.recommended ??= new Map();
    this.recommended.set(key, event);
  }
}

function keyOf({ type, sender, stateKey, redacts, originServerTs, content }: EventDraft): string {
  return JSON.stringify([type, sender, stateKey ?? null, redacts ?? null, originServerTs ?? null, content]);
}
