import { strict as assert } from 'node:assert';
import { EventType, JoinRule, KnownMembership, Preset } from 'matrix-js-sdk';
import { acceptInvite, roomOf } from '../../../clients/support/rooms.ts';
import { type Stage, told } from '../neighbours.ts';
import { agreeOnState, join, leave, seesMembership, seesState, shareRoom, tell } from '../shared-rooms.ts';

/** https://spec.matrix.org/v1.19/server-server-api/#joining-rooms and the paragraphs after it. */
export function membership(stage: Stage): void {
  for (const way of stage.ways) {
    describe(`who is in a room ${way.name}`, () => {
      const host = () => way.host().person;
      const guest = () => way.guest().person;
      const isInvited = (room: string) =>
        guest().until('is invited', () => guest().client.getRoom(room)?.getMyMembership() === KnownMembership.Invite);
      const privateRoom = async (initial: { type: string; content: object }[] = [], version?: string) => {
        const { room_id } = await host().client.createRoom({
          preset: Preset.PrivateChat,
          initial_state: initial.map((event) => ({ ...event, state_key: '' })),
          ...(version === undefined ? {} : { room_version: version }),
        });
        return room_id;
      };

      told(stage, 'is invited from the other server, and accepts', async () => {
        const room = await privateRoom();
        await host().client.setRoomName(room, 'in private');
        await host().client.invite(room, guest().userId, 'come in');
        await isInvited(room);
        assert.equal(roomOf(guest(), room).name, 'in private');
        await acceptInvite(guest(), room);
        await seesMembership(host(), room, guest().userId, 'join');
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'is invited, and declines', async () => {
        const room = await privateRoom();
        await host().client.invite(room, guest().userId);
        await isInvited(room);
        await guest().client.leave(room);
        await seesMembership(host(), room, guest().userId, 'leave');
      });

      told(stage, 'is invited no longer when the invitation was taken back', async () => {
        const room = await privateRoom();
        await host().client.invite(room, guest().userId);
        await isInvited(room);
        await host().client.kick(room, guest().userId);
        await guest().until(
          'is invited no longer',
          () => guest().client.getRoom(room)?.getMyMembership() === KnownMembership.Leave,
        );
        await assert.rejects(join(way.guest(), room, way.host()), { httpStatus: 403 });
      });

      told(stage, 'knocks, and is let in', async () => {
        const room = await privateRoom([{ type: EventType.RoomJoinRules, content: { join_rule: JoinRule.Knock } }]);
        await assert.rejects(join(way.guest(), room, way.host()), { httpStatus: 403 });
        const via = { viaServers: [way.host().server.serverName] };
        await guest().client.knockRoom(room, { ...via, reason: 'may I?' });
        await seesMembership(host(), room, guest().userId, 'knock');
        await host().client.invite(room, guest().userId);
        await isInvited(room);
        await acceptInvite(guest(), room);
        await agreeOnState(host(), guest(), room);
      });

      told(
        stage,
        'knocks, and goes away again',
        async () => {
          const room = await privateRoom([{ type: EventType.RoomJoinRules, content: { join_rule: JoinRule.Knock } }]);
          await guest().client.knockRoom(room, { viaServers: [way.host().server.serverName] });
          await seesMembership(host(), room, guest().userId, 'knock');
          await guest().client.leave(room);
          await seesMembership(host(), room, guest().userId, 'leave');
        },
        `knocks, and goes away again, at a room ${way.name}`,
      );

      told(stage, 'comes into a restricted room from a room that it names, and from nowhere else', async () => {
        const lobby = await privateRoom();
        const allow = [{ type: 'm.room_membership', room_id: lobby }];
        const content = { join_rule: JoinRule.Restricted, allow };
        const room = await privateRoom([{ type: EventType.RoomJoinRules, content }]);
        await assert.rejects(join(way.guest(), room, way.host()), { httpStatus: 403 });
        await host().client.invite(lobby, guest().userId);
        await acceptInvite(guest(), lobby);
        await seesMembership(host(), lobby, guest().userId, 'join');
        await join(way.guest(), room, way.host());
        await agreeOnState(host(), guest(), room);
        const joined = await guest().client.getStateEvent(room, EventType.RoomMember, guest().userId);
        assert.equal(joined['join_authorised_via_users_server'], host().userId);
      });

      told(stage, 'is kicked, and comes back', async () => {
        const room = await shareRoom(way.host(), way.guest());
        await host().client.kick(room, guest().userId, 'too loud');
        await seesMembership(guest(), room, guest().userId, 'leave');
        await assert.rejects(guest().client.sendTextMessage(room, 'let me in'), { httpStatus: 403 });
        await join(way.guest(), room, way.host());
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'is banned, and may come back when the ban has ended', async () => {
        const room = await shareRoom(way.host(), way.guest());
        await host().client.ban(room, guest().userId, 'far too loud');
        await seesMembership(guest(), room, guest().userId, 'ban');
        await assert.rejects(join(way.guest(), room, way.host()), { httpStatus: 403 });
        await host().client.unban(room, guest().userId);
        await join(way.guest(), room, way.host());
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'is banned by a moderator of the other server', async () => {
        const room = await shareRoom(way.host(), way.guest());
        await host().client.setPowerLevel(room, guest().userId, 50);
        await guest().until('is a moderator', () => roomOf(guest(), room).getMember(guest().userId)?.powerLevel === 50);
        const third = await way.host().cast.bystander(`third-${way.name.slice(3).toLowerCase()}`);
        await third.joinRoom(room);
        const thirdId = third.getUserId() ?? '';
        await seesMembership(guest(), room, thirdId, 'join');
        await guest().client.ban(room, thirdId);
        await seesMembership(host(), room, thirdId, 'ban');
        await assert.rejects(third.joinRoom(room), { httpStatus: 403 });
      });

      let upgraded: string;
      told(stage, 'follows it to a new version', async () => {
        upgraded = await shareRoom(way.host(), way.guest(), { room_version: '9' });
        const { replacement_room: next } = await host().client.upgradeRoom(upgraded, '11');
        const tombstone = () => roomOf(guest(), upgraded).currentState.getStateEvents(EventType.RoomTombstone, '');
        await guest().until('sees the tombstone', () => tombstone()?.getContent()['replacement_room'] === next);
        await join(way.guest(), next, way.host());
        await agreeOnState(host(), guest(), next);
        assert.equal(roomOf(guest(), next).findPredecessor()?.roomId, upgraded);
      });

      told(
        stage,
        'may say no more in the old one',
        async () => {
          await guest().until(
            'may write no more',
            () => !roomOf(guest(), upgraded).currentState.maySendEvent(EventType.RoomMessage, guest().userId),
          );
          await assert.rejects(guest().client.sendTextMessage(upgraded, 'anybody there?'), { httpStatus: 403 });
        },
        `may say no more in the old room ${way.name}`,
      );

      told(stage, 'talks to who is left after the person who made it has gone', async () => {
        const room = await shareRoom(way.host(), way.guest());
        const third = await way.guest().cast.bystander(`heir-${room.slice(1, 9).toLowerCase()}`);
        await third.joinRoom(room);
        await host().client.setRoomName(room, 'yours now');
        await seesState(guest(), room, EventType.RoomName, { name: 'yours now' });
        await leave(way.host(), room);
        await seesMembership(guest(), room, host().userId, 'leave');
        const { event_id } = await third.sendTextMessage(room, 'just us');
        await guest().until('reads it', () => roomOf(guest(), room).findEventById(event_id));
        await join(way.host(), room, way.guest());
        await tell(guest(), host(), room, 'welcome back');
      });
    });
  }
}
