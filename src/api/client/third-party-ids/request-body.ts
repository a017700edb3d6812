/** What the endpoints share that send a mail to an address. */
import Type from 'typebox';
import type { ProofRequest } from '../../../services/third-party-ids/address-proofs.ts';

export const emailRequest = Type.Object({
  client_secret: Type.String(),
  email: Type.String(),
  send_attempt: Type.Integer(),
  next_link: Type.Optional(Type.String()),
});

export function proofRequest(body: {
  client_secret: string;
  email: string;
  send_attempt: number;
  next_link?: string;
}): ProofRequest {
  const { client_secret: clientSecret, email: address, send_attempt: sendAttempt, next_link: nextLink } = body;
  return { clientSecret, address, sendAttempt, nextLink };
}
