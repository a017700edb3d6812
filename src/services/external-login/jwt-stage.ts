import { missingParam } from '../../protocol/errors.ts';
import { JWT, type Stage } from '../sessions/stages.ts';
import type { ExternalAccounts } from './external-accounts.ts';
import { type JwtApplications, refusedToken } from './jwt-applications.ts';

/** Lets people who log in with tokens of another application, and have no password, confirm what they do with such a token. */
export function jwtStage(applications: JwtApplications, accounts: ExternalAccounts): Stage {
  return {
    type: JWT,
    async check(auth, userId) {
      const { token } = auth;
      if (typeof token !== 'string') throw missingParam('"auth.token" is missing');
      const { application, subject } = await applications.verified(token);
      if ((await accounts.find(application.id, subject)) !== userId) throw refusedToken();
      return {};
    },
  };
}
