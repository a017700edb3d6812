import type { RoomEvent, StateView } from '../events/pdu.ts';

/**
 * A state of which some members are not known: they are as the event that is judged names them among its auth events.
 * What the state has counts more.
 */
export function withNamedMembers(state: StateView, named: readonly RoomEvent[]): StateView {
  return {
    get(type, stateKey) {
      const known = state.get(type, stateKey);
      if (known || type !== 'm.room.member') return known;
      return named.find((event) => !event.rejected && event.pdu.type === type && event.pdu.state_key === stateKey);
    },
  };
}
