/** The part of the storage that live rooms bring along, written once for both engines. */
import type { AreaMutations } from '../../storage/contract/write-set.ts';
import type { SqlArea } from '../../storage/sql/area.ts';
import { insert, type MutationDefinition, remove, statement, upsert } from '../../storage/sql/mutation.ts';
import { query, type Reader } from '../../storage/sql/query.ts';
import { channelMutations, channelStore } from './channel-area.ts';
import { extrasMutations, extrasStore } from './extras-area.ts';
import type { AutomodRow, HeldRow, LiveStore, ModLogRow, SanctionRow, TermRow } from './live-store.ts';

const sanctions = query<{ now: number }, SanctionRow>(
  'select * from live_sanctions where until_ts is null or until_ts > :now order by channel_id, user_id, kind',
);
const terms = query<{ now: number }, TermRow>(
  'select * from live_terms where expires is null or expires > :now order by channel_id, created_at, pattern',
);
const automod = query<Record<never, never>, AutomodRow>('select * from live_automod order by channel_id');
const held = query<{ channel: string; now: number }, HeldRow>(
  `select * from live_held where channel_id = :channel and state = 'pending' and expires_at > :now
   order by created_at, held_id`,
);
const heldOver = query<{ now: number }, HeldRow>(
  "select * from live_held where state = 'pending' and expires_at <= :now order by expires_at, held_id",
);
const heldMessage = query<{ id: string }, HeldRow>('select * from live_held where held_id = :id');
const modLog = query<{ channel: string; at: number; entry: string; limit: number }, ModLogRow>(
  `select * from live_mod_log
   where channel_id = :channel and (created_at < :at or (created_at = :at and entry_id < :entry))
   order by created_at desc, entry_id desc limit :limit`,
);

function liveStore(db: Reader): LiveStore {
  return {
    ...channelStore(db),
    ...extrasStore(db),
    sanctions: (now) => db.all(sanctions, { now }),
    terms: (now) => db.all(terms, { now }),
    automod: () => db.all(automod, {}),
    held: (channel, now) => db.all(held, { channel, now }),
    heldOver: (now) => db.all(heldOver, { now }),
    heldMessage: (id) => db.one(heldMessage, { id }),
    modLog: (channel, before, limit) =>
      db.all(modLog, {
        channel,
        at: before?.created_at ?? Number.MAX_SAFE_INTEGER,
        entry: before?.entry_id ?? '',
        limit,
      }),
  };
}

const mutations: Readonly<Record<keyof AreaMutations, MutationDefinition>> = {
  ...channelMutations,
  ...extrasMutations,
  'live.sanctions.put': upsert(
    'live_sanctions',
    {
      ...{ channel_id: 'text', user_id: 'text', kind: 'text', until_ts: 'int' },
      ...{ by_user: 'text', reason: 'text', created_at: 'int' },
    },
    ['channel_id', 'user_id', 'kind'],
  ),
  'live.sanctions.remove': remove('live_sanctions', { channel_id: 'text', user_id: 'text', kind: 'text' }),
  'live.sanctions.expire': statement({ now: 'int' }, 'delete from live_sanctions where until_ts <= :now'),
  'live.terms.put': upsert(
    'live_terms',
    { channel_id: 'text', pattern: 'text', action: 'text', expires: 'int', by_user: 'text', created_at: 'int' },
    ['channel_id', 'pattern'],
  ),
  'live.terms.remove': remove('live_terms', { channel_id: 'text', pattern: 'text' }),
  'live.terms.expire': statement({ now: 'int' }, 'delete from live_terms where expires <= :now'),
  'live.automod.put': upsert(
    'live_automod',
    { channel_id: 'text', levels: 'text', action: 'text', by_user: 'text', changed_at: 'int' },
    ['channel_id'],
  ),
  'live.held.insert': insert('live_held', {
    ...{ held_id: 'text', channel_id: 'text', room_id: 'text', sender: 'text', type: 'text', content: 'text' },
    ...{ reason: 'text', state: 'text', created_at: 'int', expires_at: 'int' },
  }),
  'live.held.decide': statement(
    { held_id: 'text', state: 'text', now: 'int' },
    "update live_held set state = :state where held_id = :held_id and state = 'pending' and expires_at > :now",
    { expectOne: true },
  ),
  'live.held.expire': statement({ now: 'int' }, 'delete from live_held where expires_at <= :now'),
  'live.held.forget': remove('live_held', { sender: 'text' }),
  'live.modLog.insert': insert('live_mod_log', {
    ...{ channel_id: 'text', created_at: 'int', entry_id: 'text', by_user: 'text' },
    ...{ action: 'text', target: 'text', detail: 'text' },
  }),
  'live.modLog.trim': statement({ before: 'int' }, 'delete from live_mod_log where created_at < :before'),
};

export const liveArea: SqlArea<LiveStore> = { name: 'live', open: liveStore, mutations };
