import { duration, flag, group, list, optional, pattern, size, text, whole } from '../fields.ts';

const count = (comment: string, standard: number, min = 1) =>
  whole({ comment, default: standard, min, max: 1_000_000 });

const serverPattern = pattern({
  comment: 'A server name without port; * and ? stand for any text and any letter.',
  example: '*.example.org',
  matches: /^[A-Za-z0-9.*?:[\]-]{1,255}$/,
  expected: 'a server name such as example.org or *.example.org',
});

const oldSigningKey = group({
  comment: 'One key.',
  inline: true,
  fields: {
    key_id: pattern({ comment: 'Its id.', matches: /^ed25519:\w{1,200}$/, expected: 'a key id such as ed25519:a_1' }),
    public_key: pattern({
      comment: 'Its public half.',
      matches: /^[A-Za-z0-9+/]{43}=?$/,
      expected: 'the base64 of 32 bytes',
    }),
    expired_ts: whole({
      comment: 'When it was last used, in milliseconds since 1970.',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
  },
});

export const federation = group({
  comment: 'Speaking with other homeservers. Which addresses may be connected to is said under `outgoing`.',
  fields: {
    enabled: flag({ comment: 'Whether rooms are shared with other servers at all.', default: true }),
    allow_servers: list({ comment: 'Servers that are spoken with.', default: ['*'], item: serverPattern }),
    deny_servers: list({ comment: 'Servers that are not, whatever stands above.', default: [], item: serverPattern }),
    well_known_server: optional(
      text({
        comment:
          'Where other servers find this one: handed out by /.well-known/matrix/server.\nIf left out: the host and port of public_base_url, if it is https.',
        example: 'matrix.example.org:443',
      }),
    ),
    well_known_timeout: duration({
      comment: 'Time for another server to say where it is found.',
      default: '10s',
      min: '100ms',
    }),
    well_known_cache_entries: count('Servers of which it is kept where they are found.', 20_000),
    old_signing_keys: list({
      comment: 'Keys that signed for this server in the past, so that its old events can still be checked.',
      default: [],
      item: oldSigningKey,
    }),
    key_validity: duration({
      comment: 'For how long others may believe the keys of this server before they ask again.',
      default: '24h',
      min: '1h',
    }),
    key_servers: list({
      comment:
        'Servers that are believed about the keys of others which cannot be reached themselves. They can forge these.',
      default: [],
      item: pattern({
        comment: 'A server name.',
        example: 'matrix.org',
        matches: /^[A-Za-z0-9.:[\]-]{1,255}$/,
        expected: 'a server name such as example.org',
      }),
    }),
    key_timeout: duration({ comment: 'Time for another server to tell its keys.', default: '10s', min: '100ms' }),
    key_requests: count('Servers that are asked for their keys at the same time.', 50),
    key_requests_waiting: count('Servers that may wait to be asked; beyond, their keys count as unknown.', 10_000),
    key_requests_per_address: count(
      'Of these, those that are asked because requests from one address claim to be of them (429 beyond). Behind a proxy\nsee `x_forwarded_proxies`.',
      20,
    ),
    key_cache_servers: count('Servers whose keys are kept in memory.', 20_000),
    keys_per_server: count('Keys of one server that are remembered.', 100),
    keys_remembered: count(
      'Keys of all servers together. Beyond, those of servers that have been in no room with this one are forgotten first.',
      500_000,
    ),
    key_retry_min: duration({
      comment: 'A server is not asked again for its keys before this time; after each failure twice as long,',
      default: '1m',
      min: '100ms',
    }),
    key_retry_max: duration({ comment: '… up to this.', default: '1h', min: '100ms' }),
    public_rooms: flag({ comment: 'Whether other servers may list the rooms that are published here.', default: true }),
    query_timeout: duration({
      comment: 'Time for another server to answer what a user wants to know: profiles, rooms, keys of devices.',
      default: '20s',
      min: '100ms',
    }),
    device_names: flag({
      comment: 'Whether other servers may see which names users gave to their devices.',
      default: false,
    }),
    device_key_requests: count('Servers that are asked for keys of devices at the same time.', 100),
    device_key_requests_waiting: count('Servers that may wait to be; beyond, they count as not reached.', 10_000),
    device_key_size: size({ comment: 'Largest answer of one of them.', default: '20MB', min: '64KB' }),
    hierarchy_lifetime: duration({
      comment: 'For how long what another server tells of a space is not asked for again.',
      default: '5m',
    }),
    hierarchy_cache_entries: count('Spaces and rooms of which that is kept in memory.', 2_000),
    hierarchy_children: count('Rooms of one space that are told to other servers, or taken from them.', 500),
    hierarchy_budget: duration({
      comment: 'After this time a page of a hierarchy asks no further server; what only others know is left out.',
      default: '30s',
      min: '1s',
    }),
    profile_lifetime: duration({
      comment: 'For how long the profile of a user of another server is not asked for again.',
      default: '1m',
    }),
    profile_cache_entries: count('Profiles of users of other servers kept in memory.', 10_000),
    identity_servers: list({
      comment:
        'Identity servers through which users may invite people by their addresses; * and ? stand for any text and any letter.',
      default: [],
      item: serverPattern,
    }),
    membership_servers: count(
      'Servers that are asked, one after the other, to let a user into a room or out of it.',
      10,
    ),
    membership_timeout: duration({
      comment:
        'Time for one of them to say how that is done; also to say what an alias stands for, or to take an invite, a\nknock or a leave.',
      default: '20s',
      min: '100ms',
    }),
    join_timeout: duration({
      comment: 'Time for one of them to tell all of the state of a room.',
      default: '3m',
      min: '1s',
    }),
    join_size: size({ comment: 'Largest state of a room that is taken.', default: '256MB', min: '1MB' }),
    joins_at_once: count('Rooms of other servers that are taken over at the same time, each up to that size.', 8),
    joins_waiting: count('Joins that may wait for that; beyond, they are refused.', 200),
    join_budget: duration({
      comment: 'Time for all servers together to let a user in.',
      default: '10m',
      min: '1s',
    }),
    join_answer_timeout: duration({
      comment:
        'After this time a client that joins or knocks is answered that it takes long; joining goes on, and a client\nthat tries again gets what came of it.',
      default: '90s',
      min: '1s',
    }),
    partial_joins: flag({
      comment:
        'Whether large rooms are joined before all of their members are known, which are fetched afterwards. Clients that do\nnot load members lazily see such a room when it is whole.',
      default: false,
    }),
    partial_join_servers: count('Servers in a room up to which that is done.', 20_000),
    partial_joins_at_once: count('Rooms whose members are fetched at the same time.', 5),
    partial_join_retry_min: duration({
      comment: 'Servers that do not tell the members are asked again after this time; then after twice as long,',
      default: '30s',
      min: '1s',
    }),
    partial_join_retry_max: duration({ comment: '… up to this.', default: '1h', min: '1s' }),
    partial_join_rounds: count('How often they are asked, before the room is left again.', 30),
    full_state_wait: duration({
      comment: 'Time that requests wait which need all members of such a room; then they are refused (504).',
      default: '30s',
      min: '1s',
    }),
    leave_budget: duration({
      comment: 'After this time no further server is told that a user rejects an invite.',
      default: '30s',
      min: '1s',
    }),
    pending_invites_per_user: count(
      'Invites of other servers that a user has at a time; beyond, they are refused.',
      1_000,
    ),
    room_request_timeout: duration({
      comment: 'Time for another server to hand out events or the state of a room.',
      default: '30s',
      min: '1s',
    }),
    event_answer_size: size({ comment: 'Largest answer with single events.', default: '16MB', min: '1MB' }),
    state_answer_size: size({ comment: 'Largest answer with the state of a room.', default: '256MB', min: '1MB' }),
    state_events: count('Events that the state of a room may have, and its auth chain.', 200_000),
    missing_events: count('Events before one that are asked for at once when they are missing.', 20),
    backfill_events: count('Events before a room’s oldest that are asked for at once.', 100),
    backfill_servers: count('Servers that are asked for them, until one has some.', 3),
    states_per_event: count('Missing events before one for which the state of the room is asked for instead.', 5),
    single_event_requests: count('Missing events of a state up to which they are asked for one by one.', 20),
    key_query_servers: count('Servers whose keys others may ask for in one request; what is beyond is left out.', 200),
  },
});
