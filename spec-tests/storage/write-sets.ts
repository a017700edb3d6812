import { type PositionOffset, WriteSet } from '../../src/storage/contract/write-set.ts';

/** A set that makes a room, whose nid is its number; the same number again is a conflict. */
export function roomSet(nid: number, set = new WriteSet()): WriteSet {
  return set.add('rooms.insert', {
    room_nid: nid,
    room_id: `!room${nid}`,
    version: '12',
    is_public: 0,
    created_at: nid,
  });
}

/** Adds a row that holds a stream position, under its own name. */
export function addPositioned(set: WriteSet, type: string): PositionOffset {
  const position = set.nextPosition();
  set.add('account_data.put', { user_id: '@a:test', room_id: '', type, content: '{}', position });
  return position;
}
