import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { Filters } from '../../../services/filters/filters.ts';

/** `POST /_matrix/client/v3/user/{userId}/filter` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter */
export const defineFilter = endpoint({
  name: 'defineFilter',
  summary: 'Stores a filter for syncs',
  method: 'post',
  paths: ['/_matrix/client/r0/user/{userId}/filter', '/_matrix/client/v3/user/{userId}/filter'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  body: jsonObject,
  async handle({ params, body, requester }, { filters }: { filters: Filters }) {
    return { filter_id: await filters.define(requester.userId, params.userId, body) };
  },
});
