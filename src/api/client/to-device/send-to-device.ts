import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { ToDevice } from '../../../services/to-device/to-device.ts';

/** `PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3sendtodeviceeventtypetxnid */
export const sendToDevice = endpoint({
  name: 'sendToDevice',
  summary: 'Sends messages to devices',
  method: 'put',
  paths: [
    '/_matrix/client/r0/sendToDevice/{eventType}/{txnId}',
    '/_matrix/client/v3/sendToDevice/{eventType}/{txnId}',
    '/_matrix/client/unstable/sendToDevice/{eventType}/{txnId}',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { guests: true, suspended: true },
  body: Type.Object({ messages: Type.Record(Type.String(), Type.Record(Type.String(), jsonObject)) }),
  async handle({ params, body, requester }, { toDevice }: { toDevice: ToDevice }) {
    await toDevice.send({
      sender: requester.userId,
      deviceId: requester.deviceId ?? requester.appserviceId ?? '',
      type: params.eventType,
      txnId: params.txnId,
      messages: body.messages,
    });
    return {};
  },
});
