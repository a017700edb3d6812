import assert from 'node:assert/strict';
import { AuthChains } from '../../../src/services/timeline/auth-chains.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { ALICE, BOB, TestTimeline } from './support/test-timeline.ts';

for (const version of ['10', '12']) {
  describe(`AuthChains in a room of version ${version}`, () => {
    let test: TestTimeline;
    let chains: AuthChains;
    let room: Room;
    before(async () => {
      test = await TestTimeline.start();
      room = await test.room(version);
      chains = new AuthChains(test.storage);
    });
    after(() => test.stop());

    const idOf = (type: string, key = '') => room.get(type, key)!.eventId;

    it('have everything that an event follows from, and not the event', async () => {
      const join = room.get('m.room.member', BOB)!;
      const chain = await chains.of(room, [join.pdu]);
      assert.deepEqual(
        new Set(chain.keys()),
        new Set([
          idOf('m.room.create'),
          idOf('m.room.member', ALICE),
          idOf('m.room.power_levels'),
          idOf('m.room.join_rules'),
        ]),
      );
    });

    it('reach back to state that is no longer there', async () => {
      const { eventId: oldRules } = room.get('m.room.join_rules', '')!;
      await test.setState(room.id, 'm.room.join_rules', '', { join_rule: 'invite' });
      const nids = [...room.stateEvents()].map((event) => event.nid);
      const { state, authChain } = await chains.ofState(room, nids);
      assert.deepEqual(new Set(state.values()), new Set(nids));
      assert.equal(state.has(oldRules), false);
      assert.equal(authChain.has(oldRules), true);
      assert.equal(authChain.has(idOf('m.room.join_rules')), false);
    });

    it('are followed in batches when they are long', async () => {
      for (let i = 0; i < 600; i++) {
        await test.setState(room.id, 'm.room.power_levels', '', {
          ...room.get('m.room.power_levels', '')!.content,
          'org.example.n': i,
        });
      }
      const chain = await chains.of(room, [room.get('m.room.power_levels', '')!.pdu]);
      assert.ok(chain.size > 600);
      const texts: string[] = [];
      for await (const batch of chains.texts(chain.values())) texts.push(...batch);
      assert.equal(texts.length, chain.size);
    });
  });
}
