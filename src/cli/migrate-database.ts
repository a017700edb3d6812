import { Command } from 'commander';
import { migrateToPostgres } from '../storage/transfer/migrate-to-postgres.ts';
import { configOption, readConfig } from './config-option.ts';
import { explainDatabase } from './database-place.ts';
import { tableProgress } from './progress.ts';
import { CommandFailure, EXIT_CONFIGURATION, print, type Terminal } from './terminal.ts';

/** `igchat migrate-database`: from SQLite to PostgreSQL. */
export function migrateDatabaseCommand(terminal: Terminal): Command {
  return new Command('migrate-database')
    .description('copy the SQLite database (database.path) into an empty PostgreSQL database (database.url)')
    .addOption(configOption(terminal))
    .addHelpText('after', '\nThe server is stopped. If it is interrupted, run it again: it goes on where it stopped.')
    .action((options: { readonly config: string }) => migrate(terminal, options));
}

async function migrate(terminal: Terminal, options: { readonly config: string }): Promise<void> {
  const { path, url, engine } = readConfig(terminal, options).database;
  if (url === undefined) {
    const remedy = 'set database.url (or database.url_file, or IGCHAT_DATABASE_URL) to the PostgreSQL database';
    throw new CommandFailure(remedy, EXIT_CONFIGURATION);
  }
  const counts = Object.entries(await migrateToPostgres(path, url, tableProgress(terminal)).catch(explainDatabase));
  const rows = counts.reduce((sum, [, count]) => sum + count, 0);
  print(terminal, `copied ${rows} rows in ${counts.length} tables; the rows of each were counted on both sides`);
  if (engine === 'sqlite')
    print(terminal, `Now set database.engine to postgres in ${options.config} and start the server.`);
}
