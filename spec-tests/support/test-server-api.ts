import { registry } from '../../src/api/registry.ts';
import type { Services } from '../../src/homeserver.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import type { Pdu } from '../../src/protocol/events/pdu.ts';
import { roomVersion } from '../../src/protocol/room-versions/index.ts';
import { eventIdOf } from '../../src/protocol/signing/event-hash.ts';
import { validateAnswer } from './answer-validator.ts';
import { startTestApi } from './test-api.ts';
import { type Answered, startTestHomeserver, type TestHomeserver, type TestUser } from './test-homeserver.ts';

/** The id of an event of a room of the default version, as it is sent between servers. */
export function idOf(pdu: Pdu): string {
  return eventIdOf(pdu, roomVersion('12')!)!;
}

/** A homeserver whose endpoints for servers take everybody's word for who they are. */
export interface TestServerApi {
  readonly server: TestHomeserver;
  readonly alice: TestUser;
  /** Asks as a server. `path` is below `/_matrix/federation/v1`, or absolute if it starts with `/_`. */
  ask(serverName: string, method: string, path: string, body?: unknown): Promise<Answered>;
  /** A room of Alice's; answers its id. */
  room(options?: Record<string, unknown>): Promise<string>;
  /** Makes somebody of another server a member, as if their server had sent the event. */
  member(roomId: string, userId: string, membership: string, sender?: string): Promise<string>;
  say(roomId: string, body: string): Promise<string>;
  setState(roomId: string, type: string, content: object): Promise<string>;
  stop(): Promise<void>;
}

export async function startServerApi(): Promise<TestServerApi> {
  const server = await startTestHomeserver();
  const { services } = server.homeserver;
  const endpoints = (registry as readonly Endpoint<Services>[]).filter(({ auth }) => auth === 'serverSignature');
  const api = await startTestApi(endpoints, services, { settings: { onAnswer: validateAnswer } });
  const alice = await server.register('alice');
  const put = async (path: string, body: object): Promise<string> => {
    const answer = await alice.ask('PUT', path, body);
    if (answer.status !== 200) throw new Error(`PUT ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.event_id;
  };
  let transactions = 0;
  return {
    server,
    alice,
    async ask(serverName, method, path, body) {
      const url = api.url + (path.startsWith('/_') ? path : `/_matrix/federation/v1${path}`);
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(url, { method, headers: { authorization: serverName }, ...sent });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    async room(options = {}) {
      const { body } = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...options });
      return body.room_id;
    },
    async member(roomId, userId, membership, sender = userId) {
      const draft = { type: 'm.room.member', sender, stateKey: userId, content: { membership } };
      return (await services.timeline.send(roomId, draft)).eventId;
    },
    say(roomId, body) {
      transactions += 1;
      return put(`/v3/rooms/${roomId}/send/m.room.message/${transactions}`, { msgtype: 'm.text', body });
    },
    setState: (roomId, type, content) => put(`/v3/rooms/${roomId}/state/${type}`, content),
    async stop() {
      await api.stop();
      await server.stop();
    },
  };
}
