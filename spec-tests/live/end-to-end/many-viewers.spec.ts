import assert from 'node:assert/strict';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('many viewers behind one address', () => {
  let live: LiveHomeserver;

  before(async () => {
    live = await startLiveHomeserver({ rate_limits: { enabled: true, address: { per_second: 0.01, burst: 20 } } });
  });
  after(() => live.stop());

  const read = async (path: string) => {
    const answer = await fetch(`${live.server.url}/_matrix/client${path}`);
    await answer.text();
    return answer.status;
  };

  it('all load the page and poll, whatever else their address may ask', async () => {
    const { epoch } = (await live.server.ask('GET', `${KAI}/snapshot`)).body;
    const slot = Math.floor(live.server.clock.now() / 2000) - 2;
    const page = [`${LIVE}/embed/kai`, `${LIVE}/page/embed.css`, `${LIVE}/page/live-client.js`];
    const paths = [...page, `${KAI}/snapshot`, `${KAI}/chunk/${epoch}/${slot}`];
    const statuses = new Set<number>();
    for (let viewer = 0; viewer < 30; viewer++) for (const path of paths) statuses.add(await read(path));
    assert.deepEqual([...statuses], [200]);
    const others = new Set<number>();
    for (let n = 0; n < 30; n++) others.add(await read(`${LIVE}/channels`));
    assert.deepEqual([...others], [200, 429]);
  });
});
