import assert from 'node:assert/strict';
import { memberEventProblem } from '../../../src/protocol/events/check-member-event.ts';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';

const roomId = '!room:a.example';
const received = (changes: JsonObject = {}) => ({
  eventId: '$event',
  roomId,
  json: '',
  pdu: {
    type: 'm.room.member',
    sender: '@u:b.example',
    state_key: '@u:b.example',
    content: { membership: 'join' },
    ...changes,
  } as unknown as Pdu,
});
const join = { roomId, eventId: '$event', membership: 'join', origin: 'b.example', of: 'sender' } as const;
const invite = { ...join, membership: 'invite', of: { server: 'a.example' } } as const;
const invited = { content: { membership: 'invite' }, state_key: '@a:a.example' };

describe('An event that changes a membership', () => {
  it('is what the request is for', () => {
    assert.equal(memberEventProblem(received(), join), undefined);
    assert.equal(memberEventProblem(received(invited), invite), undefined);
  });

  const wrong: [string, ReturnType<typeof received>, typeof join | typeof invite][] = [
    ['of another type', received({ type: 'm.room.message' }), join],
    ['of another membership', received({ content: { membership: 'ban' } }), join],
    ['of another room', { ...received(), roomId: '!other:a.example' }, join],
    ['of a user of another server', received({ sender: '@u:c.example', state_key: '@u:c.example' }), join],
    ['for somebody else', received({ state_key: '@v:b.example' }), join],
    ['of another id', { ...received(), eventId: '$other' }, join],
    ['for a user of another server', received({ ...invited, state_key: '@a:c.example' }), invite],
    ['for nobody', received({ ...invited, state_key: undefined }), invite],
    ['an invite from elsewhere', received({ ...invited, sender: '@u:c.example' }), invite],
  ];
  for (const [what, event, expected] of wrong) {
    it(`is refused if it is ${what}`, () => assert.equal(typeof memberEventProblem(event, expected), 'string'));
  }
});
