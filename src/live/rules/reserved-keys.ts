/** `online.beamify.*` in content is the server's word (badges, notices): what clients write there does not count. */
import { isJsonObject, type JsonObject, setOwn } from '../../protocol/json.ts';

const PREFIX = 'online.beamify.';

/** Keys whose objects clients show in place of the content. */
const SHOWN_INSTEAD = 'm.new_content';

export function hasReservedKeys(content: JsonObject): boolean {
  const edited = content[SHOWN_INSTEAD];
  return Object.keys(content).some(isReserved) || (isJsonObject(edited) && Object.keys(edited).some(isReserved));
}

/** The content without reserved keys; the same object where there are none. */
export function stripReservedKeys(content: JsonObject): JsonObject {
  if (!hasReservedKeys(content)) return content;
  const stripped: JsonObject = {};
  for (const key of Object.keys(content)) {
    if (isReserved(key)) continue;
    const value = content[key];
    setOwn(stripped, key, key === SHOWN_INSTEAD && isJsonObject(value) ? stripReservedKeys(value) : value);
  }
  return stripped;
}

function isReserved(key: string): boolean {
  return key.startsWith(PREFIX);
}
