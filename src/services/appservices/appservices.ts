import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { AppserviceRegistration, Namespace } from './appservice-registration.ts';

/** An application service of this server. */
export interface Appservice extends AppserviceRegistration {
  /** The user as whom it acts unless it says otherwise. */
  readonly sender: string;
}

/**
 * The application services of this server, and which names are theirs.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#registration
 */
export class Appservices {
  private readonly serverName: string;
  private readonly byTokens = new Map<string, Appservice>();

  /** @throws Error if two of them have the same id, token or sender */
  constructor(registrations: readonly AppserviceRegistration[], serverName: string) {
    this.serverName = serverName;
    const taken = new Set<string>();
    for (const registration of registrations) {
      const { id, asToken, senderLocalpart } = registration;
      for (const [what, value] of [
        ['id', id],
        ['as_token', asToken],
        ['sender_localpart', senderLocalpart],
      ] as const) {
        if (taken.has(`${what} ${value}`)) throw new Error(`Two application services have the same ${what} as "${id}"`);
        taken.add(`${what} ${value}`);
      }
      this.byTokens.set(asToken, { ...registration, sender: `@${senderLocalpart}:${serverName}` });
    }
  }

  get isEmpty(): boolean {
    return this.byTokens.size === 0;
  }

  /** The one that this token is of. */
  byToken(token: string): Appservice | undefined {
    return this.byTokens.get(token);
  }

  byId(id: string): Appservice | undefined {
    for (const appservice of this.all()) if (appservice.id === id) return appservice;
    return undefined;
  }

  all(): Iterable<Appservice> {
    return this.byTokens.values();
  }

  /** Whether the application service may act as the user. */
  mayActAs({ sender, namespaces }: Appservice, userId: string): boolean {
    return userId === sender || (this.isLocal(userId) && isIn(namespaces.users, userId));
  }

  /** Whether the user id belongs to an application service alone, but for the one that is named. */
  isReserved(userId: string, but?: string): boolean {
    if (!this.isLocal(userId)) return false;
    for (const { id, sender, namespaces } of this.all()) {
      if (id !== but && (userId === sender || isExclusive(namespaces.users, userId))) return true;
    }
    return false;
  }

  /** The id of the application service that has an alias for itself. */
  ownerOfAlias(alias: string): string | undefined {
    for (const { id, namespaces } of this.all()) if (isExclusive(namespaces.aliases, alias)) return id;
    return undefined;
  }

  private isLocal(userId: string): boolean {
    return serverOf(userId) === this.serverName;
  }
}

function isIn(namespaces: readonly Namespace[], identifier: string): boolean {
  return namespaces.some(({ regex }) => regex.test(identifier));
}

function isExclusive(namespaces: readonly Namespace[], identifier: string): boolean {
  return namespaces.some(({ exclusive, regex }) => exclusive && regex.test(identifier));
}
