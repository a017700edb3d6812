import { text } from 'node:stream/consumers';
import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { MatrixError } from '../../../protocol/errors.ts';
import type { Registration } from '../../../services/registration/registration.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { keptBy } from './sso-cookie.ts';
import { namePage, refusalPage, stepReply } from './sso-pages.ts';

const MAX_FORM = 16 * 1024;
/** What another name may help against. */
const ABOUT_NAME: ReadonlySet<string> = new Set(['M_INVALID_USERNAME', 'M_USER_IN_USE', 'M_EXCLUSIVE', 'M_FORBIDDEN']);

/** `POST /_igchat/sso/name`: the form of those who log in for the first time. */
export const takeSsoName = endpoint({
  name: 'takeSsoName',
  extension: 'the specification leaves the way to a provider and back to servers',
  summary: 'Makes the account of somebody new, with the user name that they have chosen',
  method: 'post',
  paths: ['/_igchat/sso/name'],
  auth: 'none',
  rateLimit: 'registration',
  bodyKind: 'raw',
  query: Type.Object({ id: Type.String() }),
  async handle(
    { query: { id }, request },
    { singleSignOn: sso, registration }: { singleSignOn: SingleSignOn; registration: Registration },
  ) {
    const { terms } = registration;
    const form = new URLSearchParams(await text(request.stream(MAX_FORM)));
    const name = (form.get('username') ?? '').trim();
    const isAgreed = terms.length === 0 || form.get('agree') === 'yes';
    if (!isAgreed) return namePage(sso, id, name, terms, 'You have to agree to go on');
    try {
      return stepReply(sso, id, await sso.takeName(id, keptBy(request, id), name), terms);
    } catch (error) {
      if (!(error instanceof MatrixError) || !ABOUT_NAME.has(error.errcode)) return refusalPage(error);
      return namePage(sso, id, name, terms, error.message);
    }
  },
});
