import type { Config } from '../config/schema.ts';
import { DatabaseInUseError } from '../storage/engine/database-in-use.ts';
import { SchemaTooNewError } from '../storage/engine/migrate.ts';
import { TransferError } from '../storage/transfer/into-postgres.ts';
import { postgresPlace } from '../storage/transfer/postgres-place.ts';
import type { DatabasePlace } from '../storage/transfer/snapshot.ts';
import { sqlitePlace } from '../storage/transfer/sqlite-place.ts';
import { CommandFailure } from './terminal.ts';

/** The configured database, for commands that work on it as a whole. */
export function databasePlace({ database }: Config): DatabasePlace {
  const { engine, path, url } = database;
  return engine === 'postgres' && url !== undefined ? postgresPlace(url) : sqlitePlace(path);
}

/** Errors that an operator can do something about, without a stack. */
export function explainDatabase(error: unknown): never {
  const isKnown =
    error instanceof TransferError || error instanceof DatabaseInUseError || error instanceof SchemaTooNewError;
  const { code, message } = error as { code?: string; message?: string };
  const isOfDatabase = code !== undefined && /^(SQLITE_\w+|ECONN\w+|ENO\w+|[0-9A-Z]{5})$/.test(code);
  if (isKnown || isOfDatabase) throw new CommandFailure(String(message));
  throw error;
}
