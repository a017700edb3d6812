import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { forbidden } from '../../../protocol/errors.ts';
import type { AppserviceClient } from '../../../services/appservices/appservice-client.ts';
import type { Appservices } from '../../../services/appservices/appservices.ts';

/** `POST /_matrix/client/v1/appservice/{appserviceId}/ping` · https://spec.matrix.org/v1.19/application-service-api/#post_matrixclientv1appserviceappserviceidping */
export const pingAppservice = endpoint({
  name: 'pingAppservice',
  summary: 'Whether this server reaches the application service that asks',
  method: 'post',
  paths: [
    '/_matrix/client/v1/appservice/{appserviceId}/ping',
    '/_matrix/client/unstable/fi.mau.msc2659/appservice/{appserviceId}/ping',
  ],
  auth: 'appservice',
  rateLimit: 'general',
  body: Type.Object({ transaction_id: Type.Optional(Type.String({ maxLength: 1_000 })) }),
  async handle(
    { params, body, requester },
    { appservices, appserviceClient }: { appservices: Appservices; appserviceClient: AppserviceClient },
  ) {
    const appservice = appservices.byId(requester.appserviceId);
    if (!appservice || params.appserviceId !== appservice.id) throw forbidden('This is another application service');
    return { duration_ms: await appserviceClient.ping(appservice, body.transaction_id) };
  },
});
