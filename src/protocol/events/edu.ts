import type { JsonObject } from '../json.ts';

/** An ephemeral data unit between servers. Source: https://spec.matrix.org/v1.19/server-server-api/#edus */
export interface Edu<Type extends string = string, Content extends JsonObject = JsonObject> extends JsonObject {
  edu_type: Type;
  content: Content;
}

export interface TypingContent extends JsonObject {
  room_id: string;
  user_id: string;
  typing: boolean;
}

export interface ReceiptData extends JsonObject {
  /** When it was read, in milliseconds since the epoch. */
  ts: number;
  /** The root of a thread or `main`; absent for a receipt of no thread in particular. */
  thread_id?: string;
}

/** `room id → m.read → user id →` where that user has read up to. */
export interface ReceiptContent extends JsonObject {
  [roomId: string]: { 'm.read': { [userId: string]: { event_ids: string[]; data: ReceiptData } } };
}

export type PresenceState = 'online' | 'unavailable' | 'offline';

export interface PresenceUpdate extends JsonObject {
  user_id: string;
  presence: PresenceState;
  /** Milliseconds since the user last did something. */
  last_active_ago: number;
  status_msg?: string;
  currently_active?: boolean;
}

export interface PresenceContent extends JsonObject {
  push: PresenceUpdate[];
}

export interface DirectToDeviceContent extends JsonObject {
  sender: string;
  type: string;
  /** At most 32 code points; the same message is not delivered twice. */
  message_id: string;
  /** `user id → device id, or * for all → content`. */
  messages: { [userId: string]: { [deviceId: string]: JsonObject } };
}

export interface DeviceListUpdateContent extends JsonObject {
  user_id: string;
  device_id: string;
  stream_id: number;
  /** Updates of this user that no other update has referred to; if one is not known, the list is asked for anew. */
  prev_id?: number[];
  device_display_name?: string;
  deleted?: boolean;
  keys?: JsonObject;
}

export interface SigningKeyUpdateContent extends JsonObject {
  user_id: string;
  master_key?: JsonObject;
  self_signing_key?: JsonObject;
}

export type TypingEdu = Edu<'m.typing', TypingContent>;
export type ReceiptEdu = Edu<'m.receipt', ReceiptContent>;
export type PresenceEdu = Edu<'m.presence', PresenceContent>;
export type DirectToDeviceEdu = Edu<'m.direct_to_device', DirectToDeviceContent>;
export type DeviceListUpdateEdu = Edu<'m.device_list_update', DeviceListUpdateContent>;
export type SigningKeyUpdateEdu = Edu<'m.signing_key_update', SigningKeyUpdateContent>;
