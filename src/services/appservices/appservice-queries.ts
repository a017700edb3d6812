import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import type { JsonValue } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import type { AppserviceClient } from './appservice-client.ts';
import type { Appservice, Appservices } from './appservices.ts';

export interface AppserviceQueriesParts {
  readonly appservices: Appservices;
  readonly client: Pick<AppserviceClient, 'query'>;
  readonly logger: Logger;
  /** Whether there is such a user of this server. */
  readonly exists: (userId: string) => Promise<boolean>;
}

/**
 * Asks application services for users and aliases in their namespaces that do not exist: they make them then.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#querying
 */
export class AppserviceQueries {
  private readonly parts: AppserviceQueriesParts;

  constructor(parts: AppserviceQueriesParts) {
    this.parts = parts;
  }

  /** Answers whether one of them says that there is such an alias now. */
  async makesAlias(alias: string): Promise<boolean> {
    const owners = [...this.parts.appservices.all()].filter(({ namespaces }) =>
      namespaces.aliases.some(({ regex }) => regex.test(alias)),
    );
    return this.firstWho(owners, `/rooms/${encodeURIComponent(alias)}`);
  }

  /** Has a user made who does not exist. */
  async makeUser(userId: string): Promise<void> {
    const { appservices, exists } = this.parts;
    const owners = [...appservices.all()].filter((appservice) => appservices.mayActAs(appservice, userId));
    if (owners.length > 0 && !(await exists(userId))) {
      await this.firstWho(owners, `/users/${encodeURIComponent(userId)}`);
    }
  }

  private async firstWho(owners: readonly Appservice[], path: string): Promise<boolean> {
    for (const owner of owners) if ((await this.ask(owner, path)) !== undefined) return true;
    return false;
  }

  /** What an application service answers; undefined if it knows nothing of it, or is not there. */
  async ask(appservice: Appservice, path: string): Promise<JsonValue | undefined> {
    if (appservice.url === undefined) return undefined;
    try {
      return await this.parts.client.query(appservice, path);
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      this.parts.logger.info({ appservice: appservice.id, err: error }, 'an application service does not answer');
      return undefined;
    }
  }
}
