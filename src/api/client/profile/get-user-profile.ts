import { endpoint } from '../../../http/endpoint.ts';
import type { ProfilesOfAnyone } from '../../../services/profiles/profiles-of-anyone.ts';

/** `GET /_matrix/client/v3/profile/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3profileuserid */
export const getUserProfile = endpoint({
  name: 'getUserProfile',
  summary: 'What a user tells of themself',
  method: 'get',
  paths: [
    '/_matrix/client/r0/profile/{userId}',
    '/_matrix/client/v3/profile/{userId}',
    '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}',
  ],
  auth: 'none',
  rateLimit: 'general',
  handle({ params }, { profilesOfAnyone }: { profilesOfAnyone: ProfilesOfAnyone }) {
    return profilesOfAnyone.get(params.userId);
  },
});
