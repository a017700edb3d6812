import { missingParam } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject } from '../../protocol/json.ts';
import { EMAIL, type Stage } from '../sessions/stages.ts';
import type { AddressProofs } from './address-proofs.ts';

/** Source: https://spec.matrix.org/v1.19/client-server-api/#email-based-identity--homeserver */
export function emailStage(proofs: AddressProofs): Stage {
  return {
    type: EMAIL,
    async check(auth) {
      const given = auth['threepid_creds'] ?? auth['threepidCreds'];
      const creds = isJsonObject(given) ? given : undefined;
      const sid = stringIn(creds, 'sid');
      const secret = stringIn(creds, 'client_secret');
      if (sid === undefined || secret === undefined) throw missingParam('"auth.threepid_creds" is missing');
      return {
        detail: await proofs.proven(sid, secret),
        addWrites: (set) => set.add('address_proofs.use', { sid }),
      };
    },
  };
}
