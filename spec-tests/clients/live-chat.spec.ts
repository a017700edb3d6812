import { strict as assert } from 'node:assert';
import { MatrixError } from 'matrix-js-sdk';
import { messageName } from '../../src/live/rules/message-name.ts';
import { TestViewer } from '../live/gateway/test-viewer.ts';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { reads, say } from './support/rooms.ts';

const LIVE = '/_matrix/client/unstable/online.beamify/live';

describe('a live room for a client that knows nothing of live rooms', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let kai: Device;
  let zed: Device;
  let room: string;
  let viewer: TestViewer;

  before(async () => {
    // Nobody waits between two messages but in slow mode.
    homeserver = await launchHomeserver({ settings: async () => ({ live: { message_gap: '1ms' } }) });
    cast = new Cast(homeserver);
    [kai, zed] = await Promise.all([cast.register('kai'), cast.register('zed')]);
    room = String((await ask('POST', '/channels', { handle: 'kai', name: 'Kai' }))['room_id']);
    await zed.client.joinRoom(room);
    viewer = new TestViewer(`${homeserver.baseUrl.replace('http', 'ws')}${LIVE}/gateway`);
    await viewer.opened();
    viewer.hello({ subs: [{ ch: 'kai' }] });
    await viewer.frame('snap');
  });

  after(async () => {
    viewer?.ws.terminate();
    cast?.stop();
    await homeserver?.remove();
  });

  async function ask(method: string, path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${homeserver.baseUrl}${LIVE}${path}`, {
      method,
      headers: { authorization: `Bearer ${kai.session.accessToken}` },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as Record<string, unknown>;
  }

  const refusal = async (sending: Promise<unknown>): Promise<MatrixError> => {
    const error = await sending.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof MatrixError, String(error));
    return error;
  };

  it('is an ordinary room, and what is said there reaches viewers', async () => {
    const id = await say(zed, room, 'hello');
    await reads(kai, room, id);
    await viewer.until(({ messages }) => messages.includes(messageName(id)));
  });

  it('makes it wait in slow mode, and then takes what it sends again by itself', async () => {
    await ask('PATCH', '/channels/kai/settings', { settings: { slow: 1 } });
    const ids = [await say(zed, room, 'slowly'), await say(zed, room, 'and again')];
    const [first, second] = await Promise.all(ids.map(async (id) => (await reads(kai, room, id)).getTs()));
    // A message gets its time a little after the server has decided that its turn has come.
    assert.ok(Number(second) - Number(first) >= 900, `${Number(second) - Number(first)} ms between them`);
    await ask('PATCH', '/channels/kai/settings', { settings: { slow: 0 } });
  });

  it('tells it which words are not for this room', async () => {
    await ask('PUT', '/channels/kai/filters/terms', { pattern: 'lamer', action: 'block' });
    const error = await refusal(say(zed, room, 'l4mer!'));
    assert.deepEqual([error.errcode, error.data['online.beamify.code']], ['M_FORBIDDEN', 'blocked_term']);
    assert.match(error.message, /words that are not allowed in this chat/);
  });

  it('tells it of a time-out', async () => {
    await ask('POST', '/channels/kai/timeouts', { user: zed.userId, seconds: 600, reason: 'spam' });
    const error = await refusal(say(zed, room, 'hello?'));
    assert.deepEqual([error.httpStatus, error.data['online.beamify.code']], [403, 'timed_out']);
    assert.match(error.message, /time-out/);
  });
});
