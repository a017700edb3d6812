import type { JsonObject } from '../../protocol/json.ts';
import { BROADCAST, type POSTERS } from './broadcast.ts';

export type Preset = 'private_chat' | 'public_chat' | 'trusted_private_chat' | typeof BROADCAST;

export interface InitialStateEvent {
  readonly type: string;
  readonly state_key?: string;
  readonly content: JsonObject;
}

/** What a client asks for. Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom */
export interface CreateRoomRequest {
  readonly visibility?: 'public' | 'private';
  readonly room_alias_name?: string;
  readonly name?: string;
  readonly topic?: string;
  readonly invite?: readonly string[];
  readonly invite_3pid?: readonly unknown[];
  readonly room_version?: string;
  readonly creation_content?: JsonObject;
  readonly initial_state?: readonly InitialStateEvent[];
  readonly preset?: Preset;
  readonly is_direct?: boolean;
  readonly power_level_content_override?: JsonObject;
  /** Of broadcast rooms: who may post. */
  readonly [POSTERS]?: readonly string[];
}

/** Whether everybody may come in. */
export function isOpenToAll(request: CreateRoomRequest): boolean {
  const preset = presetOf(request);
  return preset === 'public_chat' || (preset === BROADCAST && request.visibility === 'public');
}

/** The preset, which the visibility decides where none is given. */
export function presetOf(request: CreateRoomRequest): Preset {
  return request.preset ?? (request.visibility === 'public' ? 'public_chat' : 'private_chat');
}
