import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { postgresDialect } from '../dialects/postgres.ts';
import type { MutationList } from '../sql/area.ts';
import type { MutationDefinition } from '../sql/mutation.ts';
import type { EncodedSet } from './backend.ts';

/** Any number: whoever numbers positions holds this lock until its commit. */
export const POSITION_LOCK = 4_917_001;

/** Mutations that are encoded in a row: then others have their turn. */
const AT_ONCE = 1_000;

function sqlValue(definition: MutationDefinition, column: string, index: number): string {
  const field = `(p_m->>${index + 1})`;
  switch (definition.columns[column]) {
    case 'int':
      return `${field}::bigint`;
    case 'position':
      return `(${field}::bigint + p_base)`;
    case 'bytes':
      return `decode(${field}, 'base64')`;
    default:
      return field;
  }
}

function branch([name, definition]: readonly [string, MutationDefinition], index: number): string {
  const columns = Object.keys(definition.columns);
  const sql = definition
    .sql(postgresDialect)
    .replace(/'[^']*'|::|:([a-z_]\w*)/gi, (whole, column: string | undefined) =>
      column === undefined ? whole : sqlValue(definition, column, columns.indexOf(column)),
    );
  const check = definition.expectOne
    ? `get diagnostics p_changed = row_count;
       if p_changed <> 1 then raise exception '${name} changed % rows', p_changed using errcode = 'IG001'; end if;`
    : '';
  return `when ${index} then ${sql}; ${check}`;
}

/**
 * The function that commits a batch in one round trip: it takes the lock, numbers the positions, applies the mutations
 * and appends to the commit log; its transaction ends with it, so the lock never spans a turn of the event loop. A batch
 * whose ticket is in the log already is not applied again. Of an error it says which set of the batch it was. Its name holds a hash of its text, so that two versions of
 * the server can share a database.
 */
export function commitFunction(mutations: MutationList): {
  name: string;
  create: string;
  encode: (batch: readonly EncodedSet[]) => Promise<string>;
} {
  const body = `
declare
  p_base bigint; p_first bigint; p_changed bigint; p_s jsonb; p_m jsonb;
  p_set int := 0; p_state text; p_message text;
begin
  perform pg_advisory_xact_lock(${POSITION_LOCK});
  select last_position into p_last from commit_log where last_position > p_after and ticket = p_ticket;
  if found then p_was_there := true; return; end if;
  select coalesce(max(last_position), 0) into p_base from commit_log;
  p_first := p_base;
  begin
    for p_s in select value from jsonb_array_elements(batch) loop
      for p_m in select value from jsonb_array_elements(p_s->1) loop
        case (p_m->>0)::int
          ${mutations.map(branch).join('\n          ')}
        end case;
      end loop;
      p_base := p_base + (p_s->>0)::bigint;
      p_set := p_set + 1;
    end loop;
  exception when others then
    get stacked diagnostics p_state = returned_sqlstate, p_message = message_text;
    raise exception using errcode = p_state, message = p_message, detail = 'set ' || p_set;
  end;
  p_last := greatest(p_base, p_first + 1);
  p_was_there := false;
  insert into commit_log (last_position, ticket) values (p_last, p_ticket);
end`;
  const name = `igchat_commit_${createHash('sha256').update(body).digest('hex').slice(0, 12)}`;
  const create = `create or replace function ${name}(
    batch jsonb, p_ticket bigint, p_after bigint, out p_last bigint, out p_was_there boolean
  ) language plpgsql as $igchat$${body}$igchat$`;
  const bytesColumns = mutations.map(([, definition]) =>
    Object.values(definition.columns).flatMap((type, i) => (type === 'bytes' ? [i] : [])),
  );
  const encodeValues = (index: number, values: readonly unknown[]): unknown[] => {
    const out = values.map((value) => value ?? null);
    for (const i of bytesColumns[index]!) {
      if (out[i] !== null) out[i] = Buffer.from(out[i] as Uint8Array).toString('base64');
    }
    return out;
  };
  return {
    name,
    create,
    async encode(batch) {
      let encoded = 0;
      const sets: string[] = [];
      for (const { positions, mutations } of batch) {
        const parts: string[] = [];
        for (const [i, values] of mutations) {
          parts.push(JSON.stringify([i, ...encodeValues(i, values)]));
          encoded += 1;
          if (encoded % AT_ONCE === 0) await nextTurn();
        }
        sets.push(`[${positions},[${parts.join(',')}]]`);
      }
      return `[${sets.join(',')}]`;
    },
  };
}
