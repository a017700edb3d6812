import { equal, ok } from 'node:assert/strict';
import { startTestHomeserver } from '../../../support/test-homeserver.ts';

describe('getCapabilities', () => {
  it('names the configured version as that of new rooms', async () => {
    const server = await startTestHomeserver({ rooms: { default_version: '9' } });
    try {
      const alice = await server.register('alice');
      const { capabilities } = (await alice.ask('GET', '/v3/capabilities')).body;
      equal(capabilities['m.room_versions'].default, '9');
      ok('12' in capabilities['m.room_versions'].available);
      const roomId = (await alice.ask('POST', '/v3/createRoom', {})).body.room_id;
      const create = (await alice.ask('GET', `/v3/rooms/${roomId}/state/m.room.create`)).body;
      equal(create.room_version, '9');
    } finally {
      await server.stop();
    }
  });
});
