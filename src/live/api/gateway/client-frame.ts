/** What clients of the gateway say: one JSON object a frame, read field by field. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json.ts';
import type { Position } from '../../hub/order/room-order.ts';
import type { Profile } from '../../hub/tick.ts';
import type { Credential, Operation } from './access.ts';

/** Names a request; its answer has the same. */
export type RequestId = string | number | undefined;

export interface SubscribeTo {
  readonly channel: string;
  readonly from: Position | undefined;
  /** The last number of the moderators' lane that was told. */
  readonly laneFrom: number | undefined;
}

export interface Hello {
  readonly op: 'hello';
  readonly version: number;
  readonly credential: Credential | undefined;
  /** The key of an overlay. */
  readonly overlay: string | undefined;
  readonly profile: Profile;
  /** Whether it wants the moderators' lane, where it moderates. */
  readonly wantsLane: boolean;
  readonly subs: readonly SubscribeTo[];
}

export type ClientFrame =
  | Hello
  | { readonly op: 'sub'; readonly id: RequestId; readonly to: SubscribeTo }
  | { readonly op: 'unsub'; readonly id: RequestId; readonly channel: string }
  | { readonly op: 'auth'; readonly id: RequestId; readonly ticket: string }
  | { readonly op: 'pong' }
  /** What is done in a channel by its number; the services read the rest. */
  | {
      readonly op: Operation;
      readonly id: RequestId;
      readonly handle: number;
      readonly json: JsonObject;
    };

const MAX_NAME = 255;
const MAX_TICKET = 512;

/** The frame, or undefined for one that is none. */
export function parseClientFrame(text: string): ClientFrame | undefined {
  const json = parseJson(text);
  if (!isJsonObject(json)) return undefined;
  const id = requestId(json['i']);
  switch (json['op']) {
    case 'hello':
      return readHello(json);
    case 'sub': {
      const to = readSubscription(json);
      return to && { op: 'sub', id, to };
    }
    case 'unsub': {
      const channel = readText(json['ch'], MAX_NAME);
      return channel === undefined ? undefined : { op: 'unsub', id, channel };
    }
    case 'auth': {
      const ticket = readText(json['ticket'], MAX_TICKET);
      return ticket === undefined ? undefined : { op: 'auth', id, ticket };
    }
    case 'pong':
      return { op: 'pong' };
    case 'send':
    case 'react':
    case 'vote':
    case 'mod':
    case 'ack': {
      const handle = json['r'];
      return Number.isSafeInteger(handle) ? { op: json['op'], id, handle: Number(handle), json } : undefined;
    }
    default:
      return undefined;
  }
}

/** Frames are flat; whoever nests means no good. */
const MAX_DEPTH = 16;

function parseJson(text: string): JsonValue | undefined {
  try {
    if (isDeep(text)) return undefined;
    return JSON.parse(text) as JsonValue;
  } catch {
    // Whoever sends what is no JSON is told by the close code.
    return undefined;
  }
}

const [QUOTE, BACKSLASH, OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = codesOf('"\\[]{}');

function codesOf(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

/** Whether objects and arrays are nested deeper than {@link MAX_DEPTH}; brackets within texts are none. */
function isDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === BACKSLASH) at += 1;
    else if (character === QUOTE) inText = !inText;
    else if (inText) continue;
    else if (character === OPENING_BRACKET || character === OPENING_BRACE) depth += 1;
    else if (character === CLOSING_BRACKET || character === CLOSING_BRACE) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function readHello(json: JsonObject): Hello | undefined {
  const { v, profile = 'full', subs = [] } = json;
  if (typeof v !== 'number' || !Array.isArray(subs)) return undefined;
  if (profile !== 'full' && profile !== 'lite' && profile !== 'overlay') return undefined;
  const texts = new Map<string, string>();
  for (const key of ['ticket', 'resume', 'overlay']) {
    const text = readText(json[key], MAX_TICKET);
    if (json[key] !== undefined && text === undefined) return undefined;
    if (text !== undefined) texts.set(key, text);
  }
  const read = subs.map((sub) => (isJsonObject(sub) ? readSubscription(sub) : undefined));
  if (!read.every((sub) => sub !== undefined)) return undefined;
  const overlay = texts.get('overlay');
  const wantsLane = json['mod'] === true;
  return { op: 'hello', version: v, credential: credentialIn(texts), overlay, profile, wantsLane, subs: read };
}

/** A ticket is newer than a secret: where both are given it is the one that counts. */
function credentialIn(texts: ReadonlyMap<string, string>): Credential | undefined {
  const [ticket, resume] = [texts.get('ticket'), texts.get('resume')];
  if (ticket !== undefined) return { kind: 'ticket', text: ticket };
  return resume === undefined ? undefined : { kind: 'resume', text: resume };
}

function readSubscription({ ch, epoch, seq, mseq }: JsonObject): SubscribeTo | undefined {
  const channel = readText(ch, MAX_NAME);
  if (channel === undefined) return undefined;
  const laneFrom = Number.isSafeInteger(mseq) && Number(mseq) >= 0 ? Number(mseq) : undefined;
  if (epoch === undefined && seq === undefined) return { channel, from: undefined, laneFrom };
  const isPosition =
    typeof epoch === 'string' && epoch.length <= MAX_NAME && Number.isSafeInteger(seq) && Number(seq) >= 0;
  return isPosition ? { channel, from: { epoch, seq: Number(seq) }, laneFrom } : undefined;
}

function readText(value: JsonValue | undefined, maxLength: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined;
}

function requestId(value: JsonValue | undefined): RequestId {
  return (typeof value === 'string' && value.length <= 64) || typeof value === 'number' ? value : undefined;
}
