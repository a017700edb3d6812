import assert from 'node:assert/strict';
import { withNamedMembers } from '../../../src/protocol/authorization/named-members.ts';
import type { Pdu, RoomEvent } from '../../../src/protocol/events/pdu.ts';

const event = (eventId: string, type: string, stateKey: string, rejected = false): RoomEvent => ({
  eventId,
  pdu: { type, state_key: stateKey } as Pdu,
  rejected,
});
const known = event('$known', 'm.room.member', '@known:a');
const state = {
  get: (type: string, key: string) => (type === 'm.room.member' && key === '@known:a' ? known : undefined),
};

describe('A state of which members are missing', () => {
  const named = [
    event('$other', 'm.room.member', '@known:a'),
    event('$bad', 'm.room.member', '@bad:a', true),
    event('$new', 'm.room.member', '@new:a'),
    event('$levels', 'm.room.power_levels', ''),
  ];
  const seen = withNamedMembers(state, named);

  it('has those that an event names, unless they were rejected', () => {
    assert.equal(seen.get('m.room.member', '@new:a')?.eventId, '$new');
    assert.equal(seen.get('m.room.member', '@bad:a'), undefined);
    assert.equal(seen.get('m.room.member', '@nobody:a'), undefined);
  });

  it('counts more than what the event names', () => {
    assert.equal(seen.get('m.room.member', '@known:a'), known);
  });

  it('has nothing else of what the event names', () => {
    assert.equal(seen.get('m.room.power_levels', ''), undefined);
  });
});
