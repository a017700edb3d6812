import { strict as assert } from 'node:assert';
import { EventType } from 'matrix-js-sdk';
import { roomOf } from '../../../clients/support/rooms.ts';
import { engineName } from '../../../support/engines.ts';
import { type Stage, told } from '../neighbours.ts';
import { agreeOnState, seesRedacted, seesState, shareRoom, tell } from '../shared-rooms.ts';

const ALL = Array.from({ length: 12 }, (_, n) => String(n + 1));
const VERSIONS = engineName() === 'sqlite' ? ALL : ['1', '12'];

/** https://spec.matrix.org/v1.19/rooms/: a little of everything that the versions do differently. */
export function roomVersions(stage: Stage): void {
  for (const way of stage.ways) {
    describe(`rooms ${way.name}`, () => {
      for (const version of VERSIONS) {
        told(
          stage,
          `of version ${version} are shared, written to and moderated by both`,
          async () => {
            const [host, guest] = [way.host(), way.guest()];
            const room = await shareRoom(host, guest, { room_version: version });
            assert.equal(roomOf(guest.person, room).getVersion(), version);
            await host.person.client.setPowerLevel(room, guest.person.userId, 50);
            await guest.person.until(
              'is a moderator',
              () => roomOf(guest.person, room).getMember(guest.person.userId)?.powerLevel === 50,
            );
            await guest.person.client.setRoomName(room, `version ${version}`);
            await seesState(host.person, room, EventType.RoomName, { name: `version ${version}` });
            const slip = await tell(host.person, guest.person, room, 'a slip');
            await guest.person.client.redactEvent(room, slip);
            await seesRedacted(host.person, room, slip);
            await agreeOnState(host.person, guest.person, room);
          },
          `version ${version}, ${way.name}`,
        );
      }
    });
  }
}
