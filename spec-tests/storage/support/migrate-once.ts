/** A process of its own: brings the schema of a database up to date, and prints how many steps that took. */
import { migratePostgres, migrateSqlite } from '../../../src/storage/engine/migrate.ts';

const given = JSON.parse(process.argv[2]!) as { engine: 'sqlite' | 'postgres'; path: string; url: string };
const steps = given.engine === 'sqlite' ? await migrateSqlite(given.path) : await migratePostgres(given.url, []);
process.stdout.write(`${steps}\n`);
