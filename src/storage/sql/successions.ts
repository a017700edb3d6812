import type { SuccessionRow, SuccessionStore } from '../contract/successions.ts';
import { insertIfAbsent, type MutationDefinitions, remove } from './mutation.ts';
import { query, type Reader } from './query.ts';

const behind = query<{ user: string; room: string; limit: number }, SuccessionRow>(
  `select * from successions where (user_id, room_id) > (:user, :room)
   order by user_id, room_id limit :limit`,
);

export function successionStore(db: Reader): SuccessionStore {
  return { behind: ({ user_id: user, room_id: room }, limit) => db.all(behind, { user, room, limit }) };
}

const KEY = { user_id: 'text', room_id: 'text' } as const;

export const successionMutations = {
  'successions.put': insertIfAbsent('successions', KEY),
  'successions.delete': remove('successions', KEY),
} satisfies Partial<MutationDefinitions>;
