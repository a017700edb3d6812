import assert from 'node:assert/strict';
import type { TestPeer } from './test-federation.ts';
import type { Answered, TestUser } from './test-homeserver.ts';

/** A person on one of several homeservers. */
export interface FederatedUser extends TestUser {
  readonly server: TestPeer;
  /** Asks, and fails the test unless the answer is 200. */
  must(method: string, path: string, body?: unknown): Promise<Answered['body']>;
  /** Creates a room and answers its id. */
  room(request?: object): Promise<string>;
  /** Sends state into a room. */
  setState(roomId: string, type: string, content: object, stateKey?: string): Promise<void>;
  /** Joins with the help of `via`. */
  join(roomIdOrAlias: string, ...via: readonly { readonly serverName: string }[]): Promise<Answered>;
  /** Users who are joined to a room, as this user's server sees it. */
  members(roomId: string): Promise<string[]>;
  /** Which section of a first sync has the room, and that section. */
  section(roomId: string): Promise<{ kind: string | undefined; room: Answered['body'] }>;
  /** Syncs until `found` answers something. The wait ends with the timeout of the test. */
  until<T>(found: (sync: Answered['body']) => T | undefined): Promise<T>;
}

const KINDS = ['join', 'invite', 'knock', 'leave'] as const;
const LEAVES = encodeURIComponent(JSON.stringify({ room: { include_leave: true } }));

export function viaQuery(via: readonly { readonly serverName: string }[]): string {
  return via.map((server, i) => `${i === 0 ? '?' : '&'}via=${encodeURIComponent(server.serverName)}`).join('');
}

/** Registers a user on a server. */
export async function federatedUser(server: TestPeer, localpart: string): Promise<FederatedUser> {
  const user = await server.register(localpart);
  const must: FederatedUser['must'] = async (method, path, body) => {
    const answer = await user.ask(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    ...user,
    server,
    must,
    room: async (request = {}) => (await must('POST', '/v3/createRoom', request)).room_id,
    setState: (roomId, type, content, stateKey = '') =>
      must('PUT', `/v3/rooms/${encodeURIComponent(roomId)}/state/${type}/${encodeURIComponent(stateKey)}`, content),
    join: (room, ...via) => user.ask('POST', `/v3/join/${encodeURIComponent(room)}${viaQuery(via)}`, {}),
    members: async (roomId) => {
      const { joined } = await must('GET', `/v3/rooms/${encodeURIComponent(roomId)}/joined_members`);
      return Object.keys(joined).sort();
    },
    section: async (roomId) => {
      const { rooms = {} } = await must('GET', `/v3/sync?filter=${LEAVES}`);
      const kind = KINDS.find((name) => rooms[name]?.[roomId] !== undefined);
      return { kind, room: kind && rooms[kind][roomId] };
    },
    until: async (found) => {
      for (let since = ''; ; ) {
        const sync = await must('GET', `/v3/sync?timeout=60000${since}`);
        const result = found(sync);
        if (result !== undefined) return result;
        since = `&since=${sync.next_batch}`;
      }
    },
  };
}
