import { SetPresence } from 'matrix-js-sdk';
import { reads, roomOf, say } from '../../../clients/support/rooms.ts';
import { type Stage, told } from '../neighbours.ts';
import { shareRoom, tell } from '../shared-rooms.ts';

/** https://spec.matrix.org/v1.19/server-server-api/#edus: what people see of each other besides messages. */
export function presence(stage: Stage): void {
  for (const way of stage.ways) {
    describe(`people in a room ${way.name}`, () => {
      const host = () => way.host().person;
      const guest = () => way.guest().person;
      let room: string;
      before(async () => {
        room = await shareRoom(way.host(), way.guest());
        // Clients that load members lazily know of those who have spoken.
        await tell(host(), guest(), room, 'hello');
        await tell(guest(), host(), room, 'hello');
      });

      told(stage, 'see each other type, and stop', async () => {
        for (const [who, other] of [
          [host(), guest()],
          [guest(), host()],
        ] as const) {
          const typing = () => roomOf(other, room).getMember(who.userId)?.typing ?? false;
          await who.client.sendTyping(room, true, 30_000);
          await other.until('sees typing', () => typing());
          await who.client.sendTyping(room, false, 0);
          await other.until('sees it end', () => !typing());
        }
      });

      told(stage, 'see how far the other has read', async () => {
        for (const [who, other] of [
          [host(), guest()],
          [guest(), host()],
        ] as const) {
          const message = await say(who, room, 'read me');
          await other.client.sendReadReceipt(await reads(other, room, message));
          await who.until('sees the receipt', () => {
            const event = roomOf(who, room).findEventById(message);
            return event && roomOf(who, room).getUsersReadUpTo(event).includes(other.userId);
          });
        }
      });

      told(stage, 'see who is there, and what they say of themselves', async () => {
        const seen = () => host().client.getUser(guest().userId);
        await host().until('sees the guest online', () => seen()?.presence === 'online');
        // The device says so with each sync as well, or the next one would make it online again.
        await guest().client.setSyncPresence(SetPresence.Unavailable);
        await guest().client.setPresence({ presence: 'unavailable', status_msg: `at lunch, ${way.name}` });
        await host().until('sees the guest away', () => seen()?.presenceStatusMsg === `at lunch, ${way.name}`);
        await guest().client.setSyncPresence(SetPresence.Online);
        await guest().client.setPresence({ presence: 'online', status_msg: 'back' });
        await host().until('sees the guest back', () => seen()?.presenceStatusMsg === 'back');
      });
    });
  }
}
