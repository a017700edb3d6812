/** What roles that people have elsewhere mean here. */
export interface RoleMeanings {
  readonly adminRoles: readonly string[];
  readonly unlimitedRoles: readonly string[];
  /** Roles with higher rate limits than others have: of several the highest count. */
  readonly limitRoles: readonly { readonly role: string; readonly factor: number }[];
}

/** What an account may do because of its roles elsewhere; undefined leaves it as it is. */
export interface Standing {
  readonly isAdmin: boolean | undefined;
  readonly isUnlimited: boolean | undefined;
  /** How many times as high as those of others the rate limits are. */
  readonly limitFactor: number | undefined;
}

/** What somebody with these roles may do. */
export function standingOf(
  { adminRoles, unlimitedRoles, limitRoles }: RoleMeanings,
  roles: readonly string[],
): Standing {
  const given = (wanted: readonly string[]) =>
    wanted.length === 0 ? undefined : wanted.some((role) => roles.includes(role));
  const factors = limitRoles.filter(({ role }) => roles.includes(role)).map(({ factor }) => factor);
  return {
    isAdmin: given(adminRoles),
    isUnlimited: given(unlimitedRoles),
    limitFactor: limitRoles.length === 0 ? undefined : Math.max(1, ...factors),
  };
}

/** The roles that count first, and as many others as there is room for. @param room characters */
export function rolesToKeep(meanings: RoleMeanings, roles: readonly string[], room: number): string[] {
  const { adminRoles, unlimitedRoles, limitRoles } = meanings;
  const meant = new Set([...adminRoles, ...unlimitedRoles, ...limitRoles.map(({ role }) => role)]);
  const kept: string[] = [];
  let left = room;
  for (const role of [...roles.filter((name) => meant.has(name)), ...roles.filter((name) => !meant.has(name))]) {
    left -= role.length;
    if (left >= 0) kept.push(role);
  }
  return kept;
}
