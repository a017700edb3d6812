import type { TObject } from 'typebox';
import { invalidParam } from '../protocol/errors.ts';
import { type DeviceId, isDeviceId } from '../protocol/identifiers/device-id.ts';
import { type EventId, isEventId } from '../protocol/identifiers/event-id.ts';
import { isRoomAlias, type RoomAlias } from '../protocol/identifiers/room-alias.ts';
import { isRoomId, type RoomId } from '../protocol/identifiers/room-id.ts';
import { isServerName, type ServerName } from '../protocol/identifiers/server-name.ts';
import { isUserId, type UserId } from '../protocol/identifiers/user-id.ts';
import { paramValidator } from './validate.ts';

/** Parameters whose name says what they are: checked wherever they occur. */
interface KnownParams {
  roomId: RoomId;
  roomAlias: RoomAlias;
  roomIdOrAlias: RoomId | RoomAlias;
  userId: UserId;
  eventId: EventId;
  deviceId: DeviceId;
  serverName: ServerName;
}

const CHECKS: ReadonlyMap<string, (text: string) => boolean> = new Map<keyof KnownParams, (text: string) => boolean>([
  ['roomId', isRoomId],
  ['roomAlias', isRoomAlias],
  ['roomIdOrAlias', (text) => isRoomId(text) || isRoomAlias(text)],
  ['userId', isUserId],
  ['eventId', isEventId],
  ['deviceId', isDeviceId],
  ['serverName', isServerName],
]);

type ParamType<Name> = Name extends keyof KnownParams ? KnownParams[Name] : string;
type ParamsIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsIn<Rest>
  : unknown;
type KeysOf<T> = T extends unknown ? keyof T : never;

/** The parameters of several paths: those that every path has, and as optional those that only some have. */
export type PathParams<Path extends string> = {
  readonly [K in keyof ParamsIn<Path> & string]: ParamType<K>;
} & {
  readonly [K in Exclude<KeysOf<ParamsIn<Path>>, keyof ParamsIn<Path>> & string]?: ParamType<K>;
};

/** Checks decoded parameters in place; 400 `M_INVALID_PARAM` names the one that is wrong. */
export type ParamsCheck = (params: Readonly<Record<string, string | undefined>>) => void;

export function paramsCheck(schema: TObject | undefined): ParamsCheck {
  const validate = schema === undefined ? undefined : paramValidator(schema);
  return (params) => {
    for (const name in params) {
      const value = params[name] ?? '';
      if (value.includes('\0')) throw invalidParam(`"${name}" contains the character NUL`);
      if (CHECKS.get(name)?.(value) === false) throw invalidParam(`"${name}" is not valid`);
    }
    validate?.(params);
  };
}
