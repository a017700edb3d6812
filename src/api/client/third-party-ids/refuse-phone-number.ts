/** What the endpoints share that would send a text message, if this server could. */
import Type from 'typebox';
import { MatrixError } from '../../../protocol/errors.ts';

export const phoneRequest = Type.Object({
  client_secret: Type.String(),
  country: Type.String(),
  phone_number: Type.String(),
  send_attempt: Type.Integer(),
});

/** Always throws 400 `M_THREEPID_MEDIUM_NOT_SUPPORTED`. */
export function refusePhoneNumber(): never {
  throw new MatrixError('M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server sends no text messages');
}
