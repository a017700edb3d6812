import { strict as assert } from 'node:assert';
import { EventType, Preset } from 'matrix-js-sdk';
import { reads, say } from '../../../clients/support/rooms.ts';
import { type Stage, told } from '../neighbours.ts';
import { agreeOnState, join, seesMembership, seesState, tell } from '../shared-rooms.ts';

const CROWD = 6;

/** https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2send_joinroomideventid: `omit_members` */
export function partialJoins(stage: Stage): void {
  describe('a room whose members are told later', () => {
    const alice = () => stage.neighbours().ours.person;
    const bob = () => stage.neighbours().theirs.person;
    let room: string;

    before(async () => {
      const { theirs } = stage.neighbours();
      const { room_id } = await bob().client.createRoom({ preset: Preset.PublicChat });
      room = room_id;
      for (let n = 0; n < CROWD; n++) await (await theirs.cast.bystander(`crowd${n}`)).joinRoom(room);
    });

    told(stage, 'is joined, and talked in at once', async () => {
      const { ours, theirs } = stage.neighbours();
      await join(ours, room, theirs);
      await reads(bob(), room, await say(alice(), room, 'here I am'));
      await tell(bob(), alice(), room, 'welcome');
    });

    told(stage, 'has all members in the end, and the same state on both sides', async () => {
      const { joined } = await alice().client.getJoinedRoomMembers(room);
      assert.equal(Object.keys(joined).length, CROWD + 2);
      await agreeOnState(alice(), bob(), room);
    });

    told(stage, 'is moderated like any other', async () => {
      await bob().client.setPowerLevel(room, alice().userId, 50);
      await bob().client.setRoomName(room, 'a crowd');
      await seesState(alice(), room, EventType.RoomName, { name: 'a crowd' });
      const someone = `@crowd0:${stage.neighbours().theirs.server.serverName}`;
      await alice().client.kick(room, someone);
      await seesMembership(bob(), room, someone, 'leave');
      await agreeOnState(alice(), bob(), room);
    });
  });
}
