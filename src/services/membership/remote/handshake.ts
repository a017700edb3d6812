import type { FederationClient } from '../../../federation/signed-client/federation-client.ts';
import { uri, withQuery } from '../../../federation/signed-client/uri.ts';
import { type BuiltEvent, buildEvent, type EventSigner } from '../../../protocol/events/build-event.ts';
import { stringIn } from '../../../protocol/events/content-readers.ts';
import {
  memberPrototype,
  readMemberTemplate,
  type WishedMembership,
} from '../../../protocol/events/member-template.ts';
import type { ServerName } from '../../../protocol/identifiers/server-name.ts';
import { type JsonObject, withKey } from '../../../protocol/json.ts';
import { ROOM_VERSIONS, roomVersion } from '../../../protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import type { Clock } from '../../../util/clock.ts';
import { canonical } from '../../timeline/canonical.ts';
import { BadAnswerError } from './try-servers.ts';

export interface HandshakeParts {
  readonly client: FederationClient;
  readonly signer: EventSigner;
  readonly clock: Clock;
  readonly settings: {
    /** Milliseconds for a template, and for a server to take a leave or a knock. */
    readonly membershipTimeout: number;
    /** Milliseconds for a server to take a join, and to tell the state of the room. */
    readonly joinTimeout: number;
    /** Bytes of that. */
    readonly joinSize: number;
  };
}

/** An event that is ready to be handed to the server that made its template. */
export interface CompletedEvent {
  readonly rules: RoomVersionRules;
  readonly built: BuiltEvent;
  /** Who lets the user in by a condition of the join rule: their server signs, too. */
  readonly voucher: string | undefined;
}

/** The operations by which a server takes an event. */
export type Submission = 'v2/send_join' | 'v2/send_join?omit_members=true' | 'v2/send_leave' | 'v1/send_knock';

/**
 * Asks other servers to let local users into rooms, or out of them: a template of theirs is completed and handed back.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#joining-rooms
 */
export class Handshake {
  private readonly parts: HandshakeParts;

  constructor(parts: HandshakeParts) {
    this.parts = parts;
  }

  /**
   * Completes the template of a server. The place in the room is all that is taken from it.
   * @param left milliseconds that all of it may take at most
   * @throws OutgoingError, RemoteError; BadAnswerError if the template is not for what is wished
   */
  async complete(
    server: ServerName,
    wished: WishedMembership,
    content: JsonObject,
    left: () => number,
  ): Promise<CompletedEvent> {
    const { client, clock, settings, signer } = this.parts;
    const { roomId, userId, membership } = wished;
    const path = uri`/_matrix/federation/v1/${`make_${membership}`}/${roomId}/${userId}`;
    const answer = await client.ask({
      destination: server,
      method: 'GET',
      uri: membership === 'leave' ? path : withQuery(path, { ver: ROOM_VERSIONS }),
      timeoutMs: Math.min(settings.membershipTimeout, left()),
    });
    const rules = rulesOf(answer);
    const template = readMemberTemplate(answer['event'], wished, rules);
    if (!template) throw new BadAnswerError('answered with a template for something else');
    const { voucher } = template;
    const full = voucher === undefined ? content : withKey(content, 'join_authorised_via_users_server', voucher);
    const prototype = memberPrototype(template, wished, full, clock.now());
    return { rules, built: canonical(() => buildEvent(prototype, rules, signer)), voucher };
  }

  /** Hands the event to the server, and answers what that says. @throws OutgoingError, RemoteError */
  submit(
    server: ServerName,
    submission: Submission,
    roomId: string,
    { built }: CompletedEvent,
    left: () => number,
  ): Promise<JsonObject> {
    const { client, settings } = this.parts;
    const [operation, query] = submission.split('?');
    const most = operation === 'v2/send_join' ? settings.joinTimeout : settings.membershipTimeout;
    const path = `/_matrix/federation/${operation}${uri`/${roomId}/${built.eventId}`}${query ? `?${query}` : ''}`;
    return client.ask({
      destination: server,
      method: 'PUT',
      uri: path,
      content: built.pdu,
      timeoutMs: Math.min(most, left()),
      maxBytes: settings.joinSize,
    });
  }
}

function rulesOf(answer: JsonObject): RoomVersionRules {
  const version = stringIn(answer, 'room_version') ?? '1';
  const rules = roomVersion(version);
  if (!rules) throw new BadAnswerError(`answered for a room of version ${version.slice(0, 50)}`);
  return rules;
}
