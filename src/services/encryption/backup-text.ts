/** Backed-up keys as JSON text, piece by piece: a backup may be larger than what should be in memory at once. */
import type { BackedUpSessionRow } from '../../storage/contract/key-backup.ts';

type Pages = AsyncIterable<readonly BackedUpSessionRow[]>;

/** One key. Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keyskeysroomidsessionid */
export function keyText(row: BackedUpSessionRow): string {
  return (
    `{"first_message_index":${row.first_message_index},"forwarded_count":${row.forwarded_count},` +
    `"is_verified":${row.is_verified === 1},"session_data":${row.session_data}}`
  );
}

export async function* once(text: string): AsyncIterable<string> {
  yield text;
}

/** `{"sessions":{…}}` of the keys of one room. */
export async function* sessionsText(pages: Pages): AsyncIterable<string> {
  let before = '{"sessions":{';
  for await (const rows of pages) {
    yield before + rows.map(memberText).join(',');
    before = ',';
  }
  yield before === ',' ? '}}' : `${before}}}`;
}

/** `{"rooms":{…}}` of keys in the order of their rooms. */
export async function* roomsText(pages: Pages): AsyncIterable<string> {
  let room: string | undefined;
  yield '{"rooms":{';
  for await (const rows of pages) {
    let text = '';
    for (const row of rows) {
      if (row.room_id === room) text += ',';
      else text += `${room === undefined ? '' : '}},'}${JSON.stringify(row.room_id)}:{"sessions":{`;
      room = row.room_id;
      text += memberText(row);
    }
    yield text;
  }
  yield room === undefined ? '}}' : '}}}}';
}

function memberText(row: BackedUpSessionRow): string {
  return `${JSON.stringify(row.session_id)}:${keyText(row)}`;
}
