import type pg from 'pg';
import { postgresDriver } from './drivers.ts';

const INT8 = 20;

/** Integers come as numbers: everything here is below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : (postgresDriver().types.getTypeParser(oid, format as 'text') as (value: string) => unknown),
};

/**
 * Connection settings that keep a stuck peer or a forgotten transaction from holding the server for long.
 * @param lockTimeout milliseconds to wait for a lock; 0 for any time
 */
export function postgresOptions(url: string, lockTimeout: number): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'igchat',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    lock_timeout: lockTimeout,
    idle_in_transaction_session_timeout: 20_000,
    types: types as never,
  };
}

/** Whether an error says that the database was not reached, or broke off: such errors have no SQLSTATE, or class 08 or 57. */
export function isConnectionTrouble(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P0)/.test(code);
}
