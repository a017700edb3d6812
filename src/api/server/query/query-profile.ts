import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import { isUserId } from '../../../protocol/identifiers/user-id.ts';
import type { ProfilesOfAnyone } from '../../../services/profiles/profiles-of-anyone.ts';

/** `GET /_matrix/federation/v1/query/profile` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1queryprofile */
export const queryProfile = endpoint({
  name: 'queryProfile',
  summary: 'What a user of this server tells of themself',
  method: 'get',
  paths: ['/_matrix/federation/v1/query/profile'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ user_id: Type.String(), field: Type.Optional(Type.String()) }),
  handle({ query }, { profilesOfAnyone }: { profilesOfAnyone: ProfilesOfAnyone }) {
    if (!isUserId(query.user_id)) throw invalidParam('"user_id" is no user id');
    return profilesOfAnyone.toldTo(query.user_id, query.field);
  },
});
