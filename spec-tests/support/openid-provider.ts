import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';

/** Somebody whom the provider knows: claims, with the subject. */
export interface Person {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** A real OpenID Connect provider on this machine, where whoever comes is somebody whom the test names. */
export interface TestProvider {
  readonly issuer: string;
  /** Who logs in next; undefined: somebody who then refuses to. */
  person: Person | undefined;
  /** Paths that were asked for. */
  readonly paths: readonly string[];
  stop(): Promise<void>;
}

const CLIENT = { client_id: 'igchat', client_secret: 'the secret of igchat' };

/** Of the section `login.sso`, for {@link startOpenIdProvider}. */
export function providerOptions(provider: TestProvider, id = 'example') {
  return { id, name: 'Example & Co', issuer: provider.issuer, ...CLIENT };
}

/** @param redirectUris where it may send people back to */
export async function startOpenIdProvider(
  redirectUris: readonly string[],
  options: Configuration = {},
): Promise<TestProvider> {
  const people = new Map<string, Person>();
  const paths: string[] = [];
  let oidc: Provider;
  const server = createServer(async (request, response) => {
    paths.push((request.url ?? '').split('?')[0] ?? '');
    if (request.url?.startsWith('/interaction/')) await finish(request, response);
    else await oidc.callback()(request, response);
  });
  const finish = async (request: IncomingMessage, response: ServerResponse) => {
    const { person } = provider;
    if (person !== undefined) people.set(person.sub, person);
    const result =
      person === undefined
        ? { error: 'access_denied', error_description: 'no, thank you' }
        : { login: { accountId: person.sub, remember: false } };
    await oidc.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  oidc = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [...redirectUris] }],
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'given_name', 'access'],
      email: ['email', 'email_verified'],
    },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['of a test'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => people.get(sub) ?? { sub } }),
    async loadExistingGrant({ oidc: { client, session } }) {
      const grant = new oidc.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    ...options,
  });
  const provider: TestProvider = {
    issuer,
    person: undefined,
    paths,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}
