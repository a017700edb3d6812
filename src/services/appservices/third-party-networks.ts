import { notFound } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import { instanceIdOf } from '../directory/network-instance.ts';
import type { AppserviceQueries } from './appservice-queries.ts';
import type { Appservice, Appservices } from './appservices.ts';

/** What is looked for in a third-party network. */
export type ThirdPartyKind = 'user' | 'location';

/** What every answer of the kind says of each of those found. */
const ID_OF: Readonly<Record<ThirdPartyKind, string>> = { user: 'userid', location: 'alias' };

/**
 * The networks that application services bridge to this server.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#third-party-networks
 */
export class ThirdPartyNetworks {
  private readonly appservices: Appservices;
  private readonly queries: Pick<AppserviceQueries, 'ask'>;

  constructor(appservices: Appservices, queries: Pick<AppserviceQueries, 'ask'>) {
    this.appservices = appservices;
    this.queries = queries;
  }

  /** All protocols with their metadata; those of which nobody tells any now are left out. */
  async protocols(): Promise<JsonObject> {
    const names = new Set([...this.appservices.all()].flatMap(({ protocols }) => protocols));
    const found = Object.create(null) as JsonObject;
    await Promise.all(
      [...names].map(async (name) => {
        const metadata = await this.metadata(name);
        if (metadata) found[name] = metadata;
      }),
    );
    return found;
  }

  /** @throws M_NOT_FOUND */
  async protocol(name: string): Promise<JsonObject> {
    const metadata = await this.metadata(name);
    if (!metadata) throw notFound('No such network is bridged here');
    return metadata;
  }

  /** Those that application services of the protocol know by its own fields. */
  find(kind: ThirdPartyKind, protocol: string, fields: Iterable<readonly [string, string]>): Promise<JsonObject[]> {
    const query = new URLSearchParams([...fields].map(([name, value]): [string, string] => [name, value]));
    const path = `/thirdparty/${kind}/${encodeURIComponent(protocol)}?${query}`;
    return this.ask(kind, this.ofProtocol(protocol), path);
  }

  /** Those that belong to a user or an alias here. */
  findById(kind: ThirdPartyKind, id: string): Promise<JsonObject[]> {
    const path = `/thirdparty/${kind}?${new URLSearchParams([[ID_OF[kind], id]])}`;
    const all = [...this.appservices.all()].filter(({ protocols }) => protocols.length > 0);
    return this.ask(kind, all, path);
  }

  private ofProtocol(protocol: string): Appservice[] {
    return [...this.appservices.all()].filter(({ protocols }) => protocols.includes(protocol));
  }

  private async ask(kind: ThirdPartyKind, of: readonly Appservice[], path: string): Promise<JsonObject[]> {
    const answers = await Promise.all(of.map((appservice) => this.queries.ask(appservice, path)));
    return answers.flatMap((answer) => objectsIn(answer).filter((found) => isFound(found, ID_OF[kind])));
  }

  /** That of the first who tells it, with the instances of all. */
  private async metadata(protocol: string): Promise<JsonObject | undefined> {
    const path = `/thirdparty/protocol/${encodeURIComponent(protocol)}`;
    const answers = await Promise.all(
      this.ofProtocol(protocol).map(async (of) => ({ of, told: await this.queries.ask(of, path) })),
    );
    const told = answers.flatMap(({ of, told: metadata }) => (isJsonObject(metadata) ? { of, metadata } : []));
    const first = told[0]?.metadata;
    if (!first) return undefined;
    return {
      user_fields: textsIn(first['user_fields']),
      location_fields: textsIn(first['location_fields']),
      icon: typeof first['icon'] === 'string' ? first['icon'] : '',
      field_types: isJsonObject(first['field_types']) ? first['field_types'] : {},
      instances: told.flatMap(({ of, metadata }) => instancesIn(metadata, of)),
    };
  }
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Each with an id that says whose it is. */
function instancesIn(metadata: JsonObject, { id }: Appservice): JsonObject[] {
  return objectsIn(metadata['instances']).map((instance) => {
    const networkId = instance['network_id'];
    return typeof networkId === 'string' ? { ...instance, instance_id: instanceIdOf(id, networkId) } : instance;
  });
}

function textsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function isFound(found: JsonObject, id: string): boolean {
  return typeof found[id] === 'string' && typeof found['protocol'] === 'string' && isJsonObject(found['fields']);
}
