import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { NetworkRooms } from '../../../services/directory/network-rooms.ts';

/** `PUT /_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}` · https://spec.matrix.org/v1.19/application-service-api/#put_matrixclientv3directorylistappservicenetworkidroomid */
export const updateAppserviceRoomDirectoryVisibility = endpoint({
  name: 'updateAppserviceRoomDirectoryVisibility',
  summary: 'Publishes a room as one of a network that an application service bridges, or no longer',
  method: 'put',
  paths: [
    '/_matrix/client/r0/directory/list/appservice/{networkId}/{roomId}',
    '/_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}',
  ],
  auth: 'appservice',
  rateLimit: 'general',
  body: Type.Object({ visibility: Type.Enum(['public', 'private']) }),
  async handle({ params, body, requester }, { networkRooms }: { networkRooms: NetworkRooms }) {
    const { networkId, roomId } = params;
    await networkRooms.setPublished(requester.appserviceId, networkId, roomId, body.visibility === 'public');
    return {};
  },
});
