/** Forms of keys in backups. */
import Type from 'typebox';
import { jsonObject } from '../../../http/schemas.ts';

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const keyBackupData = Type.Object({
  first_message_index: count,
  forwarded_count: count,
  is_verified: Type.Boolean(),
  session_data: jsonObject,
});

export const roomBackup = Type.Object({ sessions: Type.Record(Type.String(), keyBackupData) });

/** Bytes: clients store thousands of keys at once. */
export const MAX_BODY = 10 * 1024 * 1024;
