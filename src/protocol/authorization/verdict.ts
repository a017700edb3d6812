/** What the rules say of an event: allowed, or which rule refuses it. `reason` is readable for the person at the client. */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string; readonly reason: string };

export const ALLOWED: Verdict = { allowed: true };

/** `rule` names the paragraph that refuses, as `family.what`, for instance `membership.banned`. */
export function refused(rule: string, reason: string): Verdict {
  return { allowed: false, rule, reason };
}
