/** Packages that are loaded when they are first needed, for most servers need only some, and each takes megabytes. */
import { createRequire } from 'node:module';
import type createKnex from 'knex';
import type pg from 'pg';

const load = createRequire(import.meta.url);

/** The driver of PostgreSQL. */
export const postgresDriver = (): typeof pg => load('pg') as typeof pg;

/** What writes table definitions, for migrations. */
export const schemaBuilder = (): typeof createKnex => load('knex') as typeof createKnex;
