const OPAQUE_ID = /^[0-9A-Za-z._~-]{1,255}$/;

/** Whether `text` fits the grammar of opaque identifiers. Source: https://spec.matrix.org/v1.19/appendices/#opaque-identifiers */
export function isOpaqueId(text: unknown): text is string {
  return typeof text === 'string' && OPAQUE_ID.test(text);
}
