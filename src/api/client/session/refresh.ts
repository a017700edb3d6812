import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Sessions } from '../../../services/sessions/sessions.ts';
import { tokensBody } from './session-body.ts';

/** `POST /_matrix/client/v3/refresh` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3refresh */
export const refresh = endpoint({
  name: 'refresh',
  summary: 'New tokens for a refresh token',
  method: 'post',
  paths: ['/_matrix/client/v1/refresh', '/_matrix/client/v3/refresh'],
  auth: 'none',
  rateLimit: 'login',
  body: Type.Object({ refresh_token: Type.String() }),
  async handle({ body }, { sessions }: { sessions: Sessions }) {
    return tokensBody(await sessions.refresh(body.refresh_token));
  },
});
