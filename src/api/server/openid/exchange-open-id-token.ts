import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { unknownToken } from '../../../protocol/errors.ts';
import type { OpenIdTokens } from '../../../services/sessions/open-id-tokens.ts';

/** `GET /_matrix/federation/v1/openid/userinfo` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1openiduserinfo */
export const exchangeOpenIdToken = endpoint({
  name: 'exchangeOpenIdToken',
  summary: 'Who made an OpenID token',
  method: 'get',
  paths: ['/_matrix/federation/v1/openid/userinfo'],
  auth: 'none',
  rateLimit: 'federation',
  query: Type.Object({ access_token: Type.String() }),
  async handle({ query }, { openIdTokens }: { openIdTokens: OpenIdTokens }) {
    const userId = await openIdTokens.userOf(query.access_token);
    if (userId === undefined) throw unknownToken();
    return { sub: userId };
  },
});
