/** The fields by which a client looks for something in a bridged network: each network has its own. */
export function fieldsOf(request: { readonly search: string }): [string, string][] {
  const fields = [...new URLSearchParams(request.search)];
  return fields.filter(([name]) => !OURS.has(name));
}

/** What is there for this server alone. */
const OURS: ReadonlySet<string> = new Set(['access_token', 'user_id', 'device_id']);
