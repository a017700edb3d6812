/** Schemas that many endpoints need. */
import Type from 'typebox';
import type { JsonObject, JsonValue } from '../protocol/json.ts';

/**
 * Any JSON object, as content of events is: typed as such, every key to be looked at by who reads it. As a body it has
 * to be there: a request that lost its body on the way must not make an empty event.
 */
export const jsonObject = Type.Unsafe<JsonObject>({ type: 'object' });

/** The same, for bodies that clients leave out when they have nothing to say. */
export const optionalJsonObject = Type.Unsafe<JsonObject>({ type: 'object' });

/** Any JSON. */
export const jsonValue = Type.Unsafe<JsonValue>({});

/** A body that must be an object and of which nothing is read. */
export const ignoredBody = optionalJsonObject;
