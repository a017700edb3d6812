import { endpoint } from '../../../http/endpoint.ts';
import type { RoomPreviews } from '../../../services/directory/room-previews.ts';
import type { Membership } from '../../../services/membership/membership.ts';
import { viaOf, viaQuery } from '../membership/bodies.ts';

/** `GET /_matrix/client/v1/room_summary/{roomIdOrAlias}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1room_summaryroomidoralias */
export const getRoomSummary = endpoint({
  name: 'getRoomSummary',
  summary: 'What a room is, for those who could join it',
  method: 'get',
  paths: [
    '/_matrix/client/v1/room_summary/{roomIdOrAlias}',
    '/_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary',
    '/_matrix/client/unstable/im.nheko.summary/summary/{roomIdOrAlias}',
  ],
  auth: 'optional',
  rateLimit: 'general',
  allow: { guests: true },
  query: viaQuery,
  async handle(
    { params, query, requester, request },
    { roomPreviews, membership }: { roomPreviews: RoomPreviews; membership: Pick<Membership, 'find'> },
  ) {
    const { roomId, via } = await membership.find(params.roomIdOrAlias, viaOf(query));
    const summary = await roomPreviews.of(requester?.userId, roomId, via);
    if (!request.path.includes('/unstable/')) return summary;
    const { room_version, encryption } = summary;
    const names = { 'im.nheko.summary.room_version': room_version, 'im.nheko.summary.version': room_version };
    return { ...summary, ...names, ...(encryption === undefined ? {} : { 'im.nheko.summary.encryption': encryption }) };
  },
});
