import Type from 'typebox';
import { invalidParam } from '../../../protocol/errors.ts';
import { logEntryJson } from '../../services/mod-log.ts';
import { liveAction } from '../live-action.ts';

/** `GET …/channels/{channel}/modlog` */
export const getModLog = liveAction({
  name: 'getModLog',
  does: 'log',
  summary: 'What moderators did',
  method: 'get',
  path: '/modlog',
  args: Type.Object({ before: Type.Optional(Type.String({ maxLength: 64 })) }),
  async run({ moderation }, by, { live }, args) {
    const [at, entry = ''] = (args.before ?? '').split('.');
    if (args.before !== undefined && !Number.isSafeInteger(Number(at))) throw invalidParam('before is none of ours');
    const before = args.before === undefined ? undefined : { created_at: Number(at), entry_id: entry };
    const rows = await moderation.log(by.userId, live, before);
    const last = rows.at(-1);
    const next = last === undefined ? {} : { next: `${last.created_at}.${last.entry_id}` };
    return { entries: rows.map(logEntryJson), ...next };
  },
});
