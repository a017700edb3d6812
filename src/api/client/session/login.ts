import Type from 'typebox';
import { accessTokenOf } from '../../../http/authenticate.ts';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { forbidden, missingParam, unknown } from '../../../protocol/errors.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json.ts';
import type { AppserviceUsers } from '../../../services/appservices/appservice-users.ts';
import type { Discovery } from '../../../services/discovery/discovery.ts';
import type { JwtLogin } from '../../../services/external-login/jwt-login.ts';
import type { Login } from '../../../services/sessions/login.ts';
import type { NewSession, SessionOptions } from '../../../services/sessions/sessions.ts';
import { loginName } from '../../../services/sessions/stages.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { newSessionBody, sessionBody, sessionOptions, textOrNull } from './session-body.ts';

interface Needs {
  readonly login: Login;
  readonly jwtLogin: JwtLogin;
  readonly thirdPartyIds: ThirdPartyIds;
  readonly discovery: Discovery;
  readonly appserviceUsers: AppserviceUsers;
}

/** `POST /_matrix/client/v3/login` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login */
export const login = endpoint({
  name: 'login',
  summary: 'Begins a session',
  method: 'post',
  paths: ['/_matrix/client/r0/login', '/_matrix/client/v3/login'],
  auth: 'none',
  rateLimit: 'login',
  body: Type.Object({
    type: Type.String(),
    identifier: Type.Optional(Type.Union([jsonObject, Type.Null()])),
    user: textOrNull,
    password: textOrNull,
    token: textOrNull,
    ...sessionBody,
  }),
  async handle({ body, request }, { login, jwtLogin, thirdPartyIds, discovery, appserviceUsers }: Needs) {
    const options = sessionOptions(body);
    const session =
      body.type === 'm.login.application_service'
        ? await appserviceUsers.startSession(accessTokenOf(request), nameIn(body), options)
        : await start({ login, jwtLogin, thirdPartyIds }, body, options);
    return {
      user_id: session.userId,
      home_server: serverOf(session.userId),
      ...newSessionBody(session),
      well_known: discovery.client,
    };
  },
});

function nameIn(body: JsonObject): string {
  const name = loginName(body);
  if (name === undefined) throw missingParam('The user name is missing');
  return name;
}

/**
 * Whose address an identifier of type `m.id.thirdparty` names; undefined for other identifiers, and where there are none.
 * @throws 403 `M_FORBIDDEN`
 */
async function nameOfAddress(thirdPartyIds: ThirdPartyIds, identifier: JsonValue | undefined) {
  if (!isJsonObject(identifier) || identifier['type'] !== 'm.id.thirdparty' || !thirdPartyIds.hasEmail)
    return undefined;
  const { medium, address } = identifier;
  if (typeof medium !== 'string' || typeof address !== 'string') throw missingParam('"medium" or "address" is missing');
  const userId = await thirdPartyIds.userNamed(medium, address);
  if (userId === undefined) throw forbidden('Address or password is wrong');
  return userId;
}

async function start(
  { login, jwtLogin, thirdPartyIds }: Pick<Needs, 'login' | 'jwtLogin' | 'thirdPartyIds'>,
  body: JsonObject & { type: string; password?: string | null; token?: string | null },
  options: SessionOptions,
): Promise<NewSession> {
  if (body.type === 'm.login.password') {
    const name = (await nameOfAddress(thirdPartyIds, body['identifier'])) ?? nameIn(body);
    if (typeof body.password !== 'string') throw missingParam('"password" is missing');
    return login.withPassword(name, body.password, options);
  }
  if (body.type === 'm.login.token') {
    if (typeof body.token !== 'string') throw missingParam('"token" is missing');
    return login.withToken(body.token, options);
  }
  if (body.type === 'org.matrix.login.jwt' && jwtLogin.isOffered) {
    if (typeof body.token !== 'string') throw missingParam('"token" is missing');
    return jwtLogin.withToken(body.token, options);
  }
  throw unknown('This server does not know this way to log in', { status: 400 });
}
