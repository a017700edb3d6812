import { forbidden } from '../../protocol/errors.ts';
import type { BuiltEvent } from '../../protocol/events/build-event.ts';
import type { PolicyServers } from '../admission/policy-servers.ts';
import { type Answers, AskFirst } from './ask-first.ts';
import { isNext } from './decide-event.ts';
import type { EventDraft } from './event-template.ts';
import { unchangedState } from './local-events.ts';
import type { Room } from './room.ts';
import type { SignedEvent } from './stored-event.ts';

/**
 * The recommendations of policy servers, which are asked between two turns of a room.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#policy-servers
 */
export class Recommendations {
  private readonly policies: PolicyServers;

  constructor(policies: PolicyServers) {
    this.policies = policies;
  }

  /**
   * The event that a draft, sent alone, became when the policy server was asked about it. Its place is where the room
   * was then, for the room has gone on meanwhile.
   */
  ofSole(room: Room, drafts: readonly EventDraft[], answers: Answers): SignedEvent | undefined {
    const [draft] = drafts;
    const event = draft && drafts.length === 1 ? answers.forDraft(draft) : undefined;
    return event && this.policies.hasRecommended(room, event) && !unchangedState(room, draft!) ? event : undefined;
  }

  /**
   * The event with its recommendation. Several that belong together follow each other directly.
   * @throws AskFirst; what the policy server answers
   */
  async ofBuilt(room: Room, draft: EventDraft, built: BuiltEvent, answers: Answers): Promise<SignedEvent> {
    const { policies } = this;
    const policy = policies.policyOn(room, draft.type, draft.stateKey);
    if (!policy) return built;
    if (policies.isOwn(policy)) return policies.sign(policy, room, built);
    const answered = answers.forDraft(draft);
    if (answered && isNext(room, answered) && policies.hasRecommended(room, answered)) return answered;
    throw new AskFirst(async () => answers.putDraft(draft, await policies.sign(policy, room, built)));
  }

  /** An event that another server made, as gates and policy server have let it in. @throws AskFirst */
  ofSigned(room: Room, event: SignedEvent, origin: string | undefined, answers: Answers): SignedEvent {
    const { policies } = this;
    if (policies.isFree(room, event)) return event;
    const answered = answers.forEvent(event);
    if (answered && policies.hasRecommended(room, answered)) return answered;
    throw new AskFirst(async () => {
      const recommended = await policies.recommended(origin, room, event);
      if (!recommended) throw forbidden('The event was not let into the room');
      answers.putEvent(recommended);
    });
  }
}
