import Type from 'typebox';
import { massagedTime } from './massaged-time.ts';

export const DELAY = 'org.matrix.msc4140.delay';

/** What may be said of an event beside its content; the delay (MSC4140) is in milliseconds. */
export const sendingQuery = Type.Object({
  ...massagedTime.properties,
  [DELAY]: Type.Optional(Type.Integer({ minimum: 1 })),
});
