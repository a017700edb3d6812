/** What a provider says of somebody, by the name of the claim. */
export type Claims = ReadonlyMap<string, unknown>;

const MAX_LENGTH = 255;

/** The text that a template such as `{given_name} {family_name}` makes of claims; undefined if one of them is not there. */
export function textFrom(template: string, claims: Claims): string | undefined {
  let isComplete = true;
  const text = template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = claims.get(name);
    const known = typeof value === 'number' ? String(value) : value;
    if (typeof known === 'string' && known.trim() !== '') return known.trim();
    isComplete = false;
    return '';
  });
  return isComplete && text.trim() !== '' ? text.trim().slice(0, MAX_LENGTH) : undefined;
}
