import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { EventType, Preset, Visibility } from 'matrix-js-sdk';
import { download } from '../../../clients/support/attachments.ts';
import { roomOf, say } from '../../../clients/support/rooms.ts';
import { type Stage, told } from '../neighbours.ts';
import { agreeOnState, join, leave, messagesOf, seesRedacted, seesState, shareRoom, tell } from '../shared-rooms.ts';

/** https://spec.matrix.org/v1.19/server-server-api/#transactions: what people say and do in a room of both servers. */
export function conversation(stage: Stage): void {
  for (const way of stage.ways) {
    describe(`a room ${way.name}`, () => {
      const host = () => way.host().person;
      const guest = () => way.guest().person;
      let room: string;

      told(stage, 'is found by its alias and joined from the other server', async () => {
        const alias = `fountain-${way.name.slice(-4)}`;
        const { room_id } = await host().client.createRoom({ preset: Preset.PublicChat, room_alias_name: alias });
        room = room_id;
        await guest().client.joinRoom(`#${alias}:${way.host().server.serverName}`);
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'carries messages both ways, in one order', async () => {
        const said: string[] = [];
        for (let n = 0; n < 5; n++) {
          said.push(
            await tell(host(), guest(), room, `question ${n}`),
            await tell(guest(), host(), room, `answer ${n}`),
          );
        }
        for (const side of [host(), guest()]) {
          assert.deepEqual(
            (await messagesOf(side, room)).filter((id) => said.includes(id)),
            said,
          );
        }
      });

      told(
        stage,
        'loses what either side takes back',
        async () => {
          for (const [speaker, listener] of [
            [host(), guest()],
            [guest(), host()],
          ] as const) {
            const slip = await tell(speaker, listener, room, 'a slip');
            await speaker.client.redactEvent(room, slip, undefined, { reason: 'not meant so' });
            await seesRedacted(listener, room, slip);
          }
        },
        `loses what either side takes back, ${way.name}`,
      );

      told(
        stage,
        'is moderated by who made it, wherever a message was sent',
        async () => {
          const rude = await tell(guest(), host(), room, 'something rude');
          await host().client.redactEvent(room, rude);
          await seesRedacted(guest(), room, rude);
        },
        `is moderated by who made it, wherever a message was sent, ${way.name}`,
      );

      told(stage, 'is changed from the other server by who may do so', async () => {
        await assert.rejects(guest().client.setRoomTopic(room, 'not allowed'), { httpStatus: 403 });
        await host().client.setPowerLevel(room, guest().userId, 50);
        await guest().until('is a moderator', () => roomOf(guest(), room).getMember(guest().userId)?.powerLevel === 50);
        await guest().client.setRoomName(room, 'by the fountain');
        await seesState(host(), room, EventType.RoomName, { name: 'by the fountain' });
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'shows the new name of a person from the other server', async () => {
        for (const [who, other] of [
          [host(), guest()],
          [guest(), host()],
        ] as const) {
          const name = `${who.userId} the Great`;
          await who.client.setDisplayName(name);
          await other.until('sees the name', () => roomOf(other, room).getMember(who.userId)?.rawDisplayName === name);
          assert.equal((await other.client.getProfileInfo(who.userId)).displayname, name);
        }
      });

      told(stage, 'shows what was said before to who comes later', async () => {
        const { room_id: old } = await host().client.createRoom({ preset: Preset.PublicChat });
        const said: string[] = [];
        for (let n = 0; n < 60; n++) said.push(await say(host(), old, `number ${n}`));
        await join(way.guest(), old, way.host());
        await agreeOnState(host(), guest(), old);
        assert.deepEqual((await messagesOf(guest(), old)).slice(0, 60), said);
      });

      told(stage, 'is in the list of published rooms that the other server asks for', async () => {
        const name = `published ${way.name}`;
        const options = { preset: Preset.PublicChat, visibility: Visibility.Public, name };
        const { room_id } = await host().client.createRoom(options);
        const { chunk } = await guest().client.publicRooms({ server: way.host().server.serverName });
        assert.equal(chunk.find((entry) => entry.room_id === room_id)?.name, name);
      });

      told(stage, 'carries pictures, which each server gets from the other', async () => {
        const bytes = new Uint8Array(randomBytes(200_000));
        const { content_uri: uri } = await host().client.uploadContent(new Blob([bytes]), {
          type: 'application/octet-stream',
          name: 'holiday.bin',
        });
        assert.deepEqual(await download(guest().client, uri), Buffer.from(bytes));
      });

      told(stage, 'that is left by the guest can be entered again, and what was missed is there', async () => {
        const away = await shareRoom(way.host(), way.guest());
        await tell(host(), guest(), away, 'before');
        await leave(way.guest(), away);
        await host().until('sees the guest leave', () => roomOf(host(), away).getJoinedMemberCount() === 1);
        const missed = [await say(host(), away, 'one'), await say(host(), away, 'two')];
        await join(way.guest(), away, way.host());
        await agreeOnState(host(), guest(), away);
        assert.deepEqual(
          (await messagesOf(guest(), away)).filter((id) => missed.includes(id)),
          missed,
        );
      });
    });
  }
}
