/**
 * The localpart for a name from elsewhere: capitals are folded, and what localparts cannot hold is written as bytes.
 * Source: https://spec.matrix.org/v1.19/appendices/#mapping-from-other-character-sets
 */
export function localpartFor(name: string): string {
  let out = '';
  for (const byte of Buffer.from(name.normalize('NFC').toLowerCase())) {
    const character = String.fromCharCode(byte);
    out += /[a-z0-9._\-/+]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`;
  }
  // A name of a person does not begin like that of a bridge, and is not a number like that of a guest.
  if (/^\d+$/.test(out)) return `u${out}`;
  return out.startsWith('_') ? `=5f${out.slice(1)}` : out;
}
