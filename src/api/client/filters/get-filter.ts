import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { Filters } from '../../../services/filters/filters.ts';

/** `GET /_matrix/client/v3/user/{userId}/filter/{filterId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridfilterfilterid */
export const getFilter = endpoint({
  name: 'getFilter',
  summary: 'A filter that was stored',
  method: 'get',
  paths: ['/_matrix/client/r0/user/{userId}/filter/{filterId}', '/_matrix/client/v3/user/{userId}/filter/{filterId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { filters }: { filters: Filters }) {
    return jsonText(await filters.read(requester.userId, params.userId, params.filterId));
  },
});
