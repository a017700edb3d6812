/**
 * `event_fields`: the parts of an event that a client asks for.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter
 */
import { isJsonObject, type JsonObject } from '../json.ts';
import { parsePropertyPath, propertyAt } from '../property-path.ts';

/** Takes an event and gives a new one with only those fields; what the event does not have stays away. */
export type Projection = (event: JsonObject) => JsonObject;

/** `fields` are paths like `content.body`; undefined for whole events. */
export function compileProjection(fields: readonly string[] | undefined): Projection {
  if (!fields) return (event) => event;
  const paths = fields.map(parsePropertyPath);
  return (event) => {
    const projected = emptyObject();
    for (const path of paths) copyAt(event, projected, path);
    return projected;
  };
}

/** Without prototype: names in events are the sender's, and `__proto__` may be one. */
function emptyObject(): JsonObject {
  return Object.create(null);
}

function copyAt(from: JsonObject, to: JsonObject, path: readonly string[]): void {
  const value = propertyAt(from, path);
  const last = path.at(-1);
  if (value === undefined || last === undefined) return;
  let target = to;
  let source = from;
  for (const name of path.slice(0, -1)) {
    const next = source[name];
    if (!isJsonObject(next)) return;
    source = next;
    const inner = target[name];
    // A shorter path has brought the whole object along already.
    if (inner === source) return;
    const place = isJsonObject(inner) ? inner : emptyObject();
    target[name] = place;
    target = place;
  }
  target[last] = value;
}
