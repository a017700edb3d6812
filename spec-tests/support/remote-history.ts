import type { FederationClient, FederationRequest } from '../../src/federation/signed-client/federation-client.ts';
import { RemoteError } from '../../src/federation/signed-client/remote-error.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import type { SignedEvent } from '../../src/services/timeline/stored-event.ts';
import { type Branch, wire } from './remote-server.ts';

type Asked = Pick<FederationRequest, 'uri' | 'content'>;

/**
 * What another server answers about a room of which it has one branch, from its beginning: a history without forks.
 * `asked` tells what it was asked for.
 */
export class RemoteHistory implements Pick<FederationClient, 'ask'> {
  readonly asked: string[] = [];
  isAway = false;
  /** Answers instead. */
  instead: (request: Asked) => JsonObject | undefined = () => undefined;

  constructor(readonly branch: Branch) {}

  ask(request: FederationRequest): Promise<JsonObject> {
    const answer = this.isAway ? undefined : (this.instead(request) ?? this.answer(request));
    if (answer) return Promise.resolve(answer);
    return Promise.reject(new RemoteError(request.destination, 404));
  }

  private answer({ uri, content }: Asked): JsonObject | undefined {
    const url = new URL(uri, 'https://x');
    const [, , , , what, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    this.asked.push(what!);
    const { all } = this.branch;
    const eventId = url.searchParams.get('event_id') ?? rest.at(-1)!;
    const at = all.findIndex((event) => event.eventId === eventId);
    switch (what) {
      case 'event':
        return at < 0 ? undefined : { pdus: [wire(all[at]!)] };
      case 'event_auth':
        return at < 0 ? undefined : { auth_chain: chainOf(all, [all[at]!], false).map(wire) };
      case 'state_ids': {
        if (at < 0) return undefined;
        const state = stateBefore(all, at);
        return { pdu_ids: idsOf(state), auth_chain_ids: idsOf(chainOf(all, state, true)) };
      }
      case 'state': {
        if (at < 0) return undefined;
        const state = stateBefore(all, at);
        return { pdus: state.map(wire), auth_chain: chainOf(all, state, true).map(wire) };
      }
      case 'get_missing_events': {
        const latest = all.findIndex((event) => event.eventId === listIn(content, 'latest_events')[0]);
        const earliest = new Set(listIn(content, 'earliest_events'));
        const known = all.findLastIndex((event, i) => i < latest && earliest.has(event.eventId));
        return { events: all.slice(Math.max(known + 1, latest - Number(content?.['limit'])), latest).map(wire) };
      }
      case 'backfill': {
        const from = new Set(url.searchParams.getAll('v'));
        const last = all.findLastIndex((event) => from.has(event.eventId));
        const limit = Number(url.searchParams.get('limit'));
        return {
          pdus: all
            .slice(Math.max(0, last + 1 - limit), last + 1)
            .toReversed()
            .map(wire),
        };
      }
      default:
        return undefined;
    }
  }
}

const listIn = (content: JsonObject | undefined, name: string) => (content?.[name] ?? []) as string[];
const idsOf = (events: readonly SignedEvent[]) => events.map(({ eventId }) => eventId);

function stateBefore(all: readonly SignedEvent[], at: number): SignedEvent[] {
  const state = new Map<string, SignedEvent>();
  for (const event of all.slice(0, at)) {
    if (event.pdu.state_key !== undefined) state.set(JSON.stringify([event.pdu.type, event.pdu.state_key]), event);
  }
  return [...state.values()];
}

function chainOf(all: readonly SignedEvent[], events: readonly SignedEvent[], withCreate: boolean): SignedEvent[] {
  const wanted = new Set(events.flatMap(({ pdu }) => pdu.auth_events));
  if (withCreate) wanted.add(all[0]!.eventId);
  for (const id of wanted) {
    for (const before of all.find(({ eventId }) => eventId === id)?.pdu.auth_events ?? []) wanted.add(before);
  }
  return all.filter(({ eventId }) => wanted.has(eventId));
}
