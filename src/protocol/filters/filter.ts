/**
 * Filters as clients give them, with the names of the specification.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#filtering
 */

/** Of presence and account data. */
export interface EventFilter {
  /** How many events at most; 0 for none. */
  readonly limit?: number;
  readonly types?: readonly string[];
  readonly not_types?: readonly string[];
  readonly senders?: readonly string[];
  readonly not_senders?: readonly string[];
}

/** Of the events of rooms; state filters have the same form. */
export interface RoomEventFilter extends EventFilter {
  readonly rooms?: readonly string[];
  readonly not_rooms?: readonly string[];
  readonly contains_url?: boolean;
  readonly lazy_load_members?: boolean;
  readonly include_redundant_members?: boolean;
  readonly unread_thread_notifications?: boolean;
  /** Only events to which somebody of these has sent an event that relates to it. */
  readonly related_by_senders?: readonly string[];
  /** Only events to which another one relates with one of these types. */
  readonly related_by_rel_types?: readonly string[];
}

export interface RoomFilter {
  readonly rooms?: readonly string[];
  readonly not_rooms?: readonly string[];
  readonly include_leave?: boolean;
  readonly ephemeral?: RoomEventFilter;
  readonly state?: RoomEventFilter;
  readonly timeline?: RoomEventFilter;
  readonly account_data?: RoomEventFilter;
}

/** What `POST /user/{userId}/filter` and the `filter` of `/sync` take. */
export interface Filter {
  readonly event_fields?: readonly string[];
  readonly event_format?: 'client' | 'federation';
  readonly presence?: EventFilter;
  readonly account_data?: EventFilter;
  readonly room?: RoomFilter;
}
