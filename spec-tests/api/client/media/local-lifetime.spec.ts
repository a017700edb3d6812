import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const HOUR = 3_600_000;

describe('Files of people of this server', () => {
  let server: TestHomeserver;
  let alice: TestUser;

  const start = async (media: object) => {
    server = await startTestHomeserver({ media: { ...media } });
    alice = await server.register('alice');
  };
  afterEach(() => server.stop());

  const upload = async (text: string): Promise<string> =>
    (await alice.ask('POST', '/_matrix/media/v3/upload', text)).body.content_uri;
  const has = async (mxc: string) => {
    const { status } = await alice.ask('GET', `/v1/media/download/${mxc.slice('mxc://'.length)}`);
    return status === 200;
  };
  /** What is done every quarter of an hour. */
  const pass = async (ms: number) => {
    server.clock.advance(ms);
    const { mediaUse, unusedMedia } = server.homeserver.services;
    await mediaUse.flush();
    await unusedMedia.expire();
  };

  it('are removed when nobody asked for them in their lifetime, except pictures of profiles', async () => {
    await start({ local_lifetime: '1d' });
    const files = [await upload('used'), await upload('not used'), await upload('picture')] as const;
    await alice.ask('PUT', `/v3/profile/${alice.userId}/avatar_url`, { avatar_url: files[2] });
    const reserved = (await alice.ask('POST', '/_matrix/media/v1/create')).body.content_uri.slice('mxc://'.length);
    await pass(15 * HOUR);
    strictEqual(await has(files[0]), true);
    // What was asked for last is known after a restart, too.
    await server.restart();
    await pass(15 * HOUR);
    deepStrictEqual([await has(files[0]), await has(files[1]), await has(files[2])], [true, false, true]);
    await pass(23 * HOUR);
    deepStrictEqual([await has(files[0]), await has(files[2])], [true, true]);
    strictEqual((await alice.ask('PUT', `/_matrix/media/v3/upload/${reserved}`, 'late')).status, 404);
  });

  it('stay for good where no lifetime is set', async () => {
    await start({});
    const file = await upload('old');
    await pass(48 * HOUR);
    strictEqual(await has(file), true);
  });
});
