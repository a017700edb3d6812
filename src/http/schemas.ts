/** Schemas that many endpoints need. */
import Type from 'typebox';
import type { JsonObject, JsonValue } from '../protocol/json.ts';

/** Any JSON object, as content of events is: typed as such, every key to be looked at by who reads it. */
export const jsonObject = Type.Unsafe<JsonObject>({ type: 'object' });

/** Any JSON. */
export const jsonValue = Type.Unsafe<JsonValue>({});

/** A body that must be an object and of which nothing is read. */
export const ignoredBody = jsonObject;
