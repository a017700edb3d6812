import assert from 'node:assert/strict';
import Type from 'typebox';
import { endpoint } from '../../src/http/endpoint.ts';
import type { RoomId } from '../../src/protocol/identifiers/room-id.ts';
import { startTestApi } from '../support/test-api.ts';

interface Greeter {
  greet(name: string): string;
}

const hello = endpoint({
  name: 'hello',
  method: 'put',
  paths: ['/v1/{roomId}/{thing}', '/v3/{roomId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  query: Type.Object({ times: Type.Integer({ default: 1 }) }),
  body: Type.Object({ loud: Type.Optional(Type.Boolean()) }),
  handle({ params, query, body, requester }, { greeter }: { greeter: Greeter }) {
    const roomId: RoomId = params.roomId;
    const thing: string | undefined = params.thing;
    const times: number = query.times;
    const loud: boolean | undefined = body.loud;
    return { roomId, thing, times, loud, text: greeter.greet(requester.userId) };
  },
});

const plain = endpoint({
  name: 'plain',
  method: 'get',
  paths: ['/plain'],
  auth: 'none',
  rateLimit: false,
  handle({ body, requester }) {
    const none: undefined = body;
    const nobody: undefined = requester;
    return { none, nobody };
  },
});

describe('endpoint', () => {
  it('gives the handler what was declared, typed', async () => {
    const api = await startTestApi([hello, plain], { greeter: { greet: (name) => `hello ${name}` } });
    const headers = { authorization: 'Bearer alice' };
    const response = await fetch(`${api.url}/v3/!a:b?times=2`, { method: 'PUT', headers, body: '{"loud":true}' });
    assert.deepEqual(await response.json(), { roomId: '!a:b', times: 2, loud: true, text: 'hello @alice:test' });
    await api.stop();
  });

  it('does not compile with a name that was not declared', () => {
    endpoint({
      name: 'plain',
      method: 'get',
      paths: ['/{a}'],
      auth: 'none',
      rateLimit: false,
      handle({ params, query, body, requester }) {
        // @ts-expect-error the path has no such parameter
        void params.b;
        // @ts-expect-error the query has no such parameter
        void query.limit;
        // @ts-expect-error there is no body
        void body.a;
        // @ts-expect-error there is nobody
        void requester.userId;
        return {};
      },
    });
  });

  it('does not compile without the services that it needs', () => {
    // @ts-expect-error the greeter is missing
    void (() => startTestApi([hello, plain], { other: 1 }));
  });

  it('stops the boot if two endpoints have the same path', async () => {
    await assert.rejects(startTestApi([plain, plain], {}), /already declared/);
  });
});
