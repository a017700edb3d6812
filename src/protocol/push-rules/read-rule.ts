/**
 * Rules as clients send them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid
 */
import { badJson, invalidParam, type MatrixError, missingParam, tooLarge } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { PushAction, PushRule, PushRuleKind } from './push-rule.ts';

/** Bounds on what one user may store. */
export interface PushRuleLimits {
  /** Own rules of all kinds together. Beyond, new ones are refused with `M_TOO_LARGE`. */
  readonly rules: number;
  /** Conditions, and likewise actions, of one rule. */
  readonly conditions: number;
  /** Characters of a rule id, a pattern, or any other text in a rule. */
  readonly characters: number;
}

export const PUSH_RULE_LIMITS: PushRuleLimits = { rules: 2000, conditions: 50, characters: 1024 };

/** Whether clients may give a rule this id. */
export function checkRuleId(ruleId: string, limits: PushRuleLimits): MatrixError | undefined {
  if (ruleId === '') return invalidParam('The id of the push rule is empty');
  if (ruleId.startsWith('.')) return invalidParam('Ids that start with a dot are reserved for default push rules');
  if (/[/\\]/.test(ruleId)) return invalidParam('The id of a push rule cannot have slashes or backslashes');
  if (ruleId.length > limits.characters) return tooLarge('The id of the push rule is too long');
  return undefined;
}

/** What the body of `PUT /pushrules/global/{kind}/{ruleId}` gives. */
export type RuleFields = Pick<PushRule, 'actions' | 'conditions' | 'pattern'>;

/** The fields of a rule of this kind, or the error for the client. */
export function readRuleBody(kind: PushRuleKind, body: JsonObject, limits: PushRuleLimits): RuleFields | MatrixError {
  const read = readActions(body['actions'], limits);
  if (!('actions' in read)) return read;
  switch (kind) {
    case 'content': {
      const { pattern } = body;
      if (pattern === undefined) return missingParam('A content rule needs a pattern');
      if (typeof pattern !== 'string') return badJson('pattern is not a string');
      if (pattern.length > limits.characters) return tooLarge('The pattern is too long');
      return { ...read, pattern };
    }
    case 'override':
    case 'underride': {
      const conditions = readConditions(body['conditions'], limits);
      return Array.isArray(conditions) ? { ...read, conditions } : conditions;
    }
    default:
      return read;
  }
}

function readConditions(conditions: JsonValue | undefined, limits: PushRuleLimits): JsonObject[] | MatrixError {
  if (conditions === undefined) return [];
  if (!Array.isArray(conditions)) return badJson('conditions is not a list');
  if (conditions.length > limits.conditions) return tooLarge(`A push rule has at most ${limits.conditions} conditions`);
  const read: JsonObject[] = [];
  for (const condition of conditions) {
    if (!isJsonObject(condition) || typeof condition['kind'] !== 'string') {
      return badJson('A condition is not an object with a kind');
    }
    if (tooLong(condition, limits)) return tooLarge('A condition is too long');
    read.push(condition);
  }
  return read;
}

/** The actions of a rule; actions of the past are kept as the client set them, and do nothing. */
export function readActions(
  actions: JsonValue | undefined,
  limits: PushRuleLimits,
): { actions: PushAction[] } | MatrixError {
  if (actions === undefined) return missingParam('actions is missing');
  if (!Array.isArray(actions)) return badJson('actions is not a list');
  if (actions.length > limits.conditions) return tooLarge(`A push rule has at most ${limits.conditions} actions`);
  const read: PushAction[] = [];
  for (const action of actions) {
    if (!isAction(action)) return invalidParam(`There is no action ${JSON.stringify(action).slice(0, 100)}`);
    if (tooLong(action, limits)) return tooLarge('An action is too long');
    read.push(action);
  }
  return { actions: read };
}

const OF_THE_PAST: ReadonlySet<string> = new Set(['dont_notify', 'coalesce']);

/** `notify`, a tweak, or an action of an extension, whose name has a dot in it. */
function isAction(action: JsonValue): action is PushAction {
  if (typeof action === 'string') return action === 'notify' || OF_THE_PAST.has(action) || action.includes('.');
  return isJsonObject(action) && typeof action['set_tweak'] === 'string';
}

function tooLong(value: PushAction, limits: PushRuleLimits): boolean {
  return JSON.stringify(value).length > limits.characters;
}
