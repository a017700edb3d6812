/**
 * Numbers of the authorization rules, from the version on that gives a rule this number; null where it is gone.
 * Source: https://spec.matrix.org/v1.19/rooms/ (the page of each version)
 */
export type RuleNumbers = Readonly<Record<number, string | null>>;

/** The number of a rule in a version, or undefined if it has no such rule. */
export function numberIn(numbers: RuleNumbers, version: string): string | undefined {
  let number: string | null = null;
  for (const [since, given] of Object.entries(numbers)) if (Number(since) <= Number(version)) number = given;
  return number ?? undefined;
}

/** A rule within another: `within(JOIN, 2)` is 5.2.2 in version 1. From where the outer one is, unless it says otherwise. */
export function within(outer: RuleNumbers, inner: number | string | RuleNumbers): RuleNumbers {
  const inners = typeof inner === 'object' ? inner : { 1: String(inner) };
  const numbers: Record<number, string | null> = {};
  for (let version = 1; version <= 12; version++) {
    const [before, last] = [numberIn(outer, String(version)), numberIn(inners, String(version))];
    numbers[version] = before === undefined || last === undefined ? null : `${before}.${last}`;
  }
  return numbers;
}

export const CREATE: RuleNumbers = { 1: '1' };
export const ROOM_ID: RuleNumbers = { 12: '2' };
export const AUTH_EVENTS: RuleNumbers = { 1: '2', 12: '3' };
export const FEDERATE: RuleNumbers = { 1: '3', 12: '4' };
export const ALIASES: RuleNumbers = { 1: '4', 6: null };
export const MEMBER: RuleNumbers = { 1: '5', 6: '4', 12: '5' };
export const VOUCHED = within(MEMBER, { 8: '2' });
export const JOIN = within(MEMBER, { 1: '2', 8: '3' });
export const INVITE = within(MEMBER, { 1: '3', 8: '4' });
export const LEAVE = within(MEMBER, { 1: '4', 8: '5' });
export const BAN = within(MEMBER, { 1: '5', 8: '6' });
export const KNOCK = within(MEMBER, { 7: '6', 8: '7' });
export const UNKNOWN_MEMBERSHIP = within(MEMBER, { 1: '6', 7: '7', 8: '8' });
export const NOT_JOINED: RuleNumbers = { 1: '6', 6: '5', 12: '6' };
export const THIRD_PARTY_INVITE: RuleNumbers = { 1: '7', 6: '6', 12: '7' };
export const REQUIRED_LEVEL: RuleNumbers = { 1: '8', 6: '7', 12: '8' };
export const STATE_KEY: RuleNumbers = { 1: '9', 6: '8', 12: '9' };
export const POWER_LEVELS: RuleNumbers = { 1: '10', 6: '9', 12: '10' };
export const REDACTION: RuleNumbers = { 1: '11', 3: null };
export const OTHERWISE: RuleNumbers = { 1: '12', 3: '11', 6: '10', 12: '11' };
