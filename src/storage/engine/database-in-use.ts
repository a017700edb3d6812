/** Another server works on the database: two would not know of each other's writes. */
export class DatabaseInUseError extends Error {
  override readonly name = 'DatabaseInUseError';

  /** @param database what is in use, as in "the database homeserver.db" */
  constructor(database: string, detail = '') {
    super(`${database} is in use by another iGChat server${detail}. Stop that one first, or give this one its own.`);
  }
}
