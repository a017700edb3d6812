import { endpoint } from '../../../http/endpoint.ts';
import { MatrixError } from '../../../protocol/errors.ts';

/** `GET /_matrix/federation/v1/query/{queryType}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1queryquerytype */
export const queryInfo = endpoint({
  name: 'queryInfo',
  summary: 'Refuses queries of other kinds than those that have an endpoint of their own',
  method: 'get',
  paths: ['/_matrix/federation/v1/query/{queryType}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  handle({ params }) {
    throw new MatrixError('M_UNRECOGNIZED', `There is no query ${JSON.stringify(params.queryType)}`);
  },
});
