import { limitExceeded, MatrixError, notFound, unknown } from '../../protocol/errors.ts';

export function unknownId(): MatrixError {
  return notFound('There is no delayed event with this id');
}

export function alreadyOver(outcome: 'sent' | 'cancelled'): MatrixError {
  return unknown(`This event was ${outcome} already`, { status: 409 });
}

/** As clients of today expect it. */
export function delayTooLong(maxDelay: number): MatrixError {
  return new MatrixError('M_UNKNOWN', `The delay is too long: at most ${maxDelay} ms`, {
    status: 400,
    extra: { 'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED', 'org.matrix.msc4140.max_delay': maxDelay },
  });
}

/** @param waitMs until the next one is sent */
export function tooMany(waitMs: number): MatrixError {
  return limitExceeded(waitMs, 'Too many delayed events are waiting');
}
