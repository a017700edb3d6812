import { forbidden, type MatrixError } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';

/**
 * By which door an event comes: from a client of this server, before it is built; from a server that asks this one to
 * sign it; or from a server that has sent it.
 */
export type Entrance = 'client' | 'sign' | 'federation';

/** An event that wants to be let into a room. */
export interface Candidate {
  readonly entrance: Entrance;
  readonly roomId: string;
  readonly type: string;
  readonly sender: string;
  readonly stateKey?: string | undefined;
  readonly content: JsonObject;
  /** Of a redaction: the event to redact. */
  readonly redacts?: string | undefined;
  /** If it exists already. */
  readonly eventId?: string | undefined;
  /** The server that asks or sends. */
  readonly origin?: string | undefined;
}

/**
 * What a gate says. An event of a client that is allowed may be given another `content`, which the gates after this one
 * see and the event gets. Who is refused, or whose event is held back for somebody to look at, is told `error`. A delayed
 * event is let in after `ms` if `again` still allows it.
 */
export type Verdict =
  | { readonly verdict: 'allow'; readonly content?: JsonObject }
  | { readonly verdict: 'refuse' | 'hold'; readonly error: MatrixError }
  | {
      readonly verdict: 'delay';
      readonly ms: number;
      readonly again?: () => Verdict | Promise<Verdict>;
      /** Ends the delay before its time. */
      readonly early?: Promise<void>;
    };

/** Has a say before an event is in a room. */
export interface Gate {
  readonly name: string;
  /** Asked once for each event and entrance. An error that it throws refuses the event. */
  judge(candidate: Candidate): Verdict | Promise<Verdict>;
}

export const ALLOWED: Verdict = { verdict: 'allow' };

/** The gates, in the order in which they were registered. The first that does not allow an event decides. */
export class Admission {
  private readonly gates: Gate[] = [];
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  register(gate: Gate): void {
    this.gates.push(gate);
  }

  /** Whether there is no gate at all, so that nobody needs to be asked. */
  get isOpen(): boolean {
    return this.gates.length === 0;
  }

  judge(candidate: Candidate): Promise<Verdict> {
    return this.judgeFrom(0, candidate, candidate);
  }

  /** By the gates from the n-th on. @param seen the candidate as the gates before have let it pass */
  private async judgeFrom(n: number, candidate: Candidate, seen: Candidate): Promise<Verdict> {
    const gate = this.gates[n];
    if (gate) return this.goOn(n, candidate, seen, await gate.judge(seen));
    return seen === candidate ? ALLOWED : { verdict: 'allow', content: seen.content };
  }

  /** What follows from a verdict of the n-th gate: one that is let in, be it after a delay, is judged by the gates behind. */
  private goOn(n: number, candidate: Candidate, seen: Candidate, verdict: Verdict): Verdict | Promise<Verdict> {
    if (verdict.verdict === 'delay') {
      const { again } = verdict;
      const later = async () => this.goOn(n, candidate, seen, again === undefined ? ALLOWED : await again());
      return { ...verdict, again: later };
    }
    if (verdict.verdict !== 'allow') return verdict;
    const { content } = verdict;
    return this.judgeFrom(n + 1, candidate, content === undefined ? seen : { ...seen, content });
  }

  /**
   * Lets the event pass, at once or after a delay, and answers the content that it is to have. Not to be awaited in a
   * room's turn.
   * @throws the error of the gate that refuses it or holds it back
   */
  async admit(candidate: Candidate): Promise<JsonObject> {
    let verdict = await this.judge(candidate);
    while (verdict.verdict === 'delay') {
      const { ms, again, early } = verdict;
      await new Promise<void>((resolve) => {
        const cancel = this.clock.after(ms, resolve);
        void early?.then(() => {
          cancel();
          resolve();
        });
      });
      verdict = again === undefined ? ALLOWED : await again();
    }
    if (verdict.verdict !== 'allow') throw verdict.error;
    return verdict.content ?? candidate.content;
  }
}

/** For gates that have nothing better to say. */
export function refused(text = 'The event was not let into the room'): Verdict {
  return { verdict: 'refuse', error: forbidden(text) };
}
