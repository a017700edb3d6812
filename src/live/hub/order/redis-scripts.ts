/**
 * What is done in Redis in one step each: scripts of a room's three keys, which share a hash tag.
 *
 * - `meta`, a hash: `epoch`; `run`, the server process that began it; `gen`, larger with each epoch; `seq`; `k`, batches
 *   without an entry behind `seq`; `fence` of the writer, absent once data was lost; `log`, the place reached in the log;
 *   `batch` and `numbers`, the name of the last batch and what was answered.
 * - `stream`: what happened, without texts. The id of an entry is `gen-(seq·1000)`, of a batch without one
 *   `gen-(seq·1000+k)`, so that places are ids. The last of a batch has the epoch (`e`) and what was left out (`b`).
 * - `text`, a hash: `gen:seq` to the text of the entry, which a deletion takes out.
 *
 * All begin with these arguments: the name of an epoch, if one has to begin; the time; the last place known to the
 * caller, as epoch and number; seconds for which the meta data are kept, and milliseconds for which the rest is.
 */
import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly source: string;
  readonly sha1: string;
}

/** Arguments of every script; those of its own come behind. */
export const SHARED_ARGUMENTS = 6;

/** Milliseconds by which numbers are apart in the ids of the stream. */
export const ID_STEP = 1000;

const OPEN = `
local meta, stream, text = KEYS[1], KEYS[2], KEYS[3]
local function whole(n) return string.format('%.0f', n) end
local state
local function load()
  local v = redis.call('HMGET', meta, 'epoch', 'run', 'gen', 'seq', 'k', 'fence', 'log')
  state = {epoch = v[1], run = v[2], gen = tonumber(v[3] or '0'), seq = tonumber(v[4] or '0'),
    k = tonumber(v[5] or '0'), fence = v[6], log = tonumber(v[7] or '0')}
end
local function id(seq, k) return whole(state.gen) .. '-' .. whole(seq * ${ID_STEP} + k) end
local function keep()
  redis.call('EXPIRE', meta, ARGV[5])
  redis.call('PEXPIRE', stream, ARGV[6])
  redis.call('PEXPIRE', text, ARGV[6])
end
local function begin(run, fence)
  local time = redis.call('TIME')
  local gen = math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), state.gen + 1)
  redis.call('DEL', stream, text)
  redis.call('HSET', meta, 'epoch', ARGV[1], 'run', run, 'gen', whole(gen), 'seq', '0', 'k', '1')
  redis.call('HDEL', meta, 'fence', 'log', 'batch', 'numbers')
  if fence then redis.call('HSET', meta, 'fence', fence) end
  load()
  redis.call('XADD', stream, id(0, 1), 'e', ARGV[1], 'b', '0')
  keep()
end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
load()
local isLost = not state.epoch or state.run ~= run
if not isLost and state.epoch == ARGV[3] and state.seq < tonumber(ARGV[4]) then isLost = true end
if isLost then begin(run, false) end
`;

const TAKE_OVER = `
local time = redis.call('TIME')
local fence = math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), tonumber(state.fence or '0') + 1)
redis.call('HSET', meta, 'fence', whole(fence))
keep()
return {whole(fence), state.epoch, whole(state.seq), whole(state.log)}
`;

/**
 * Arguments: fence, messages left out, place reached in the log or empty, oldest time kept, entries kept, name
 * of the batch, and of each entry seven: kind, event, user, position, flags, text, and what it buries (`a` all, `e…` an event, `u…` a user).
 */
const APPEND = `
if not state.fence then return {'lost'} end
if state.fence ~= ARGV[7] then return {'superseded'} end
local latest = redis.call('HMGET', meta, 'batch', 'numbers')
if latest[1] == ARGV[12] then return {'appended', state.epoch, latest[2]} end
local skipped, now = ARGV[8], ARGV[2]
local numbers, fresh = {}, {}
local seq, log = state.seq, state.log
for at = 13, #ARGV, 7 do
  local position = ARGV[at + 3]
  if position ~= '' and tonumber(position) <= log then
    numbers[#numbers + 1] = '0'
  else
    seq = seq + 1
    if position ~= '' then log = tonumber(position) end
    numbers[#numbers + 1] = whole(seq)
    fresh[#fresh + 1] = {seq, at}
  end
end
local WITH_TEXT = {m = true, ed = true, nt = true}
local function bury(what)
  local kind, whom = string.sub(what, 1, 1), string.sub(what, 2)
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
    local f, fields = entry[2], {}
    for i = 1, #f, 2 do fields[f[i]] = f[i + 1] end
    local isMeant = kind == 'a' or (kind == 'e' and fields.i == whom) or (kind == 'u' and fields.u == whom)
    if fields.s and WITH_TEXT[fields.k] and isMeant then
      redis.call('HDEL', text, whole(state.gen) .. ':' .. fields.s)
    end
  end
end
for n, each in ipairs(fresh) do
  local number, at = each[1], each[2]
  if ARGV[at + 6] ~= '' then bury(ARGV[at + 6]) end
  local fields = {'s', whole(number), 'k', ARGV[at], 'i', ARGV[at + 1], 'u', ARGV[at + 2], 'p', ARGV[at + 3],
    'f', ARGV[at + 4], 'a', now, 'x', ARGV[at + 6]}
  if n == #fresh then
    for _, field in ipairs({'e', state.epoch, 'b', skipped}) do fields[#fields + 1] = field end
  end
  redis.call('XADD', stream, id(number, 0), unpack(fields))
  redis.call('HSET', text, whole(state.gen) .. ':' .. whole(number), ARGV[at + 5])
end
local k = state.k
if #fresh > 0 then k = 0
elseif skipped ~= '0' and k < ${ID_STEP - 1} then
  k = k + 1
  redis.call('XADD', stream, id(seq, k), 'e', state.epoch, 'b', skipped)
end
if ARGV[9] ~= '' then log = math.max(log, tonumber(ARGV[9])) end
local answer = table.concat(numbers, ',')
redis.call('HSET', meta, 'seq', whole(seq), 'k', tostring(k), 'log', whole(log), 'batch', ARGV[12], 'numbers', answer)
local oldest, isTrimming = tonumber(ARGV[10]), true
local firstKept = seq - tonumber(ARGV[11]) + 1
while isTrimming do
  local page = redis.call('XRANGE', stream, '-', '+', 'COUNT', 64)
  local gone = {}
  for _, entry in ipairs(page) do
    local number, at
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 's' then number = tonumber(entry[2][i + 1]) end
      if entry[2][i] == 'a' then at = tonumber(entry[2][i + 1]) end
    end
    if number and number >= firstKept and at >= oldest then isTrimming = false break end
    if not number and entry[1] == id(seq, k) then isTrimming = false break end
    gone[#gone + 1] = entry[1]
    if number then redis.call('HDEL', text, whole(state.gen) .. ':' .. whole(number)) end
  end
  if #gone > 0 then redis.call('XDEL', stream, unpack(gone)) end
  if #page < 64 then isTrimming = false end
end
keep()
return {'appended', state.epoch, answer}
`;

/** Arguments: the place from which to read, as epoch and number; without one everything is read. */
const READ = `
local isBehind = state.epoch == ARGV[7] and tonumber(ARGV[8]) <= state.seq
local first = isBehind and id(tonumber(ARGV[8]) + 1, 0) or '-'
local entries = redis.call('XRANGE', stream, first, '+')
local texts, names = {}, {}
for n, entry in ipairs(entries) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 's' then names[#names + 1] = whole(state.gen) .. ':' .. entry[2][i + 1] end
  end
end
for at = 1, #names, 1000 do
  local part = redis.call('HMGET', text, unpack(names, at, math.min(at + 999, #names)))
  for _, each in ipairs(part) do texts[#texts + 1] = each end
end
return {state.epoch, whole(state.seq), isBehind and 1 or 0, entries, texts}
`;

const TAIL = `
return {state.epoch, whole(state.gen), whole(state.seq * ${ID_STEP} + state.k)}
`;

/** Whoever was the writer is it no longer, whatever it had. */
const FORGET = `
begin(run, '0')
return 1
`;

function script(body: string): RedisScript {
  const source = `${OPEN}${body}`;
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

export const takeOverScript = script(TAKE_OVER);
export const appendScript = script(APPEND);
export const readScript = script(READ);
export const tailScript = script(TAIL);
export const forgetScript = script(FORGET);
