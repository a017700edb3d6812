import { strict as assert } from 'node:assert';
import { EventType, GuestAccess, JoinRule, Preset } from 'matrix-js-sdk';
import type { Device } from '../../../clients/support/device.ts';
import { openRoom, reads, say } from '../../../clients/support/rooms.ts';
import { type Stage, told, type Way } from '../neighbours.ts';
import { agreeOnState, join, messagesOf, shareRoom, tell } from '../shared-rooms.ts';

/** What one server misses while it is away comes to it afterwards. */
export function outages(stage: Stage): void {
  for (const way of stage.ways) {
    describe(`while a server is away from a room ${way.name}`, () => {
      const host = () => way.host().person;
      const guest = () => way.guest().person;

      told(stage, 'messages wait for the guest, in their order', async () => {
        const room = await shareRoom(way.host(), way.guest());
        await tell(host(), guest(), room, 'go on');
        await way.guest().server.stop();
        const said: string[] = [];
        for (let n = 0; n < 30; n++) said.push(await say(host(), room, `number ${n}`));
        await comeBack(way, 'guest');
        await tell(host(), guest(), room, 'there you are');
        assert.deepEqual((await messagesOf(guest(), room)).slice(-31, -1), said);
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'keys wait for it, too', async () => {
        const room = await openRoom(host(), [guest()], { direct: true });
        await reads(guest(), room, await say(host(), room, 'first'));
        await way.guest().server.stop();
        await host().crypto.forceDiscardSession(room);
        const missed = await say(host(), room, 'said with a new key');
        await comeBack(way, 'guest');
        assert.equal((await reads(guest(), room, missed)).getContent()['body'], 'said with a new key');
      });

      told(stage, 'both write alone, and agree afterwards', async () => {
        const room = await shareRoom(way.host(), way.guest());
        await host().client.setPowerLevel(room, guest().userId, 100);
        await agreeOnState(host(), guest(), room);
        await way.guest().server.stop();
        const atHost = await say(host(), room, 'alone here');
        await host().client.setRoomName(room, 'named by the host');
        await host().client.sendStateEvent(room, EventType.RoomGuestAccess, { guest_access: GuestAccess.Forbidden });
        await way.host().server.stop();
        await comeBack(way, 'guest');
        const atGuest = await say(guest(), room, 'and alone there');
        await guest().client.setRoomName(room, 'named by the guest');
        await guest().client.sendStateEvent(room, EventType.RoomJoinRules, { join_rule: JoinRule.Invite });
        await comeBack(way, 'host');
        await Promise.all([reads(guest(), room, atHost), reads(host(), room, atGuest)]);
        await agreeOnState(host(), guest(), room);
      });

      told(stage, 'it is joined through another one that is there', async () => {
        const { room_id: room } = await host().client.createRoom({ preset: Preset.PublicChat });
        await say(host(), room, 'nobody is here');
        await way.host().server.restart();
        await host().reconnect();
        await join(way.guest(), room, way.host());
        await agreeOnState(host(), guest(), room);
      });
    });
  }
}

/** Starts a server again, on which somebody syncs. */
async function comeBack(way: Way, who: 'host' | 'guest'): Promise<void> {
  const { server, person }: { server: { start(): Promise<void> }; person: Device } = way[who]();
  await server.start();
  await person.reconnect();
}
