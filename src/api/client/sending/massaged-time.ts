import Type from 'typebox';

/**
 * `ts`: when an event of the past was really sent, in milliseconds since the epoch; heeded of application services only.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#timestamp-massaging
 */
export const massagedTime = Type.Object({ ts: Type.Optional(Type.Integer({ minimum: 0 })) });
