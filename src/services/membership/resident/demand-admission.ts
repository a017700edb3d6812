import { forbidden, MatrixError } from '../../../protocol/errors.ts';
import type { Admission } from '../join-conditions.ts';

/**
 * Who lets in a user of another server by a condition of the join rule; undefined where no condition is needed.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#restricted-rooms
 * @throws M_UNABLE_TO_AUTHORISE_JOIN, M_UNABLE_TO_GRANT_JOIN, M_FORBIDDEN
 */
export function demandAdmission(admission: Admission): string | undefined {
  switch (admission.kind) {
    case 'unconditional':
      return undefined;
    case 'vouched':
      return admission.by;
    case 'no-voucher':
      throw new MatrixError('M_UNABLE_TO_GRANT_JOIN', 'Nobody on this server may let you into the room');
    case 'unknown':
      throw new MatrixError('M_UNABLE_TO_AUTHORISE_JOIN', 'This server does not know the rooms whose members may join');
    case 'refused':
      throw forbidden('You are not invited and meet no condition to join this room');
  }
}
