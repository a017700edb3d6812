import { endpoint } from '../../../http/endpoint.ts';
import type { ProfilesOfAnyone } from '../../../services/profiles/profiles-of-anyone.ts';

/** `GET /_matrix/client/v3/profile/{userId}/{keyName}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3profileuseridkeyname */
export const getProfileField = endpoint({
  name: 'getProfileField',
  summary: 'One field of the profile of a user',
  method: 'get',
  paths: [
    '/_matrix/client/r0/profile/{userId}/{keyName}',
    '/_matrix/client/v3/profile/{userId}/{keyName}',
    '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}',
  ],
  auth: 'none',
  rateLimit: 'general',
  handle({ params }, { profilesOfAnyone }: { profilesOfAnyone: ProfilesOfAnyone }) {
    return profilesOfAnyone.field(params.userId, params.keyName);
  },
});
