import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock } from '../util/clock.ts';
import type { AddressRules } from './address-rules.ts';
import type { NameResolver } from './name-resolver.ts';
import { OutgoingError } from './outgoing-error.ts';

/** Where a connection goes and who must be at its end. */
export interface Route {
  readonly protocol: 'http:' | 'https:';
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The name or IP address that the certificate must be for; with `https:` only. */
  readonly certificateName: string;
}

export interface Dialling {
  readonly resolver: NameResolver;
  readonly rules: AddressRules;
  readonly trust: SecureContext;
  readonly clock: Clock;
  readonly connectTimeout: number;
}

/** More addresses of one name are not tried. */
const MAX_ADDRESSES = 8;

/**
 * Connects. The name is looked up once, here; the addresses that are then connected to are the very ones that have
 * been checked, whatever the name servers say a moment later.
 *
 * @throws OutgoingError
 */
export async function dial(route: Route, dialling: Dialling): Promise<Socket | TLSSocket> {
  const addresses = await permittedAddresses(route.host, dialling);
  const socket = await within(dialling, route.host, (settle) => {
    // With several addresses Node tries IPv6 and IPv4 in turn, and the next one when one is slow.
    const tcp = connectTcp({ host: 'checked', port: route.port, lookup: answering(addresses), autoSelectFamily: true });
    tcp.setNoDelay(true);
    const onError = (cause: Error) => settle(new OutgoingError('connect-failed', route.host, reason(cause), { cause }));
    tcp.once('error', onError).once('connect', () => {
      tcp.off('error', onError);
      settle(undefined);
    });
    return tcp;
  });
  if (!dialling.rules.permits(socket.remoteAddress ?? '')) {
    socket.destroy();
    throw refused(route.host);
  }
  return route.protocol === 'http:' ? socket : secure(socket, route, dialling);
}

async function permittedAddresses(host: string, { resolver, rules }: Dialling): Promise<readonly string[]> {
  const addresses = isIP(host) === 0 ? await resolver.addresses(host) : [host];
  const permitted = addresses.filter((address) => rules.permits(address)).slice(0, MAX_ADDRESSES);
  if (permitted.length === 0) throw refused(host);
  return permitted;
}

function refused(host: string): OutgoingError {
  return new OutgoingError('address-refused', host, 'its address may not be connected to');
}

/** Hands Node the checked addresses in place of a look-up of its own. */
function answering(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, done) => {
    if (all) done(null, answers);
    else done(null, answers[0]!.address, answers[0]!.family);
  };
}

/** TLS with the certificate of `route.certificateName`, and that name in SNI unless it is an IP address. */
function secure(socket: Socket, route: Route, dialling: Dialling): Promise<TLSSocket> {
  const { certificateName, host } = route;
  return within(dialling, host, (settle) => {
    const tls = connectTls({
      socket,
      secureContext: dialling.trust,
      servername: isIP(certificateName) === 0 ? certificateName : '',
      ALPNProtocols: ['http/1.1'],
      checkServerIdentity: (_name, certificate) => checkServerIdentity(certificateName, certificate),
    });
    const onError = (cause: Error) => settle(new OutgoingError('tls-failed', host, reason(cause), { cause }));
    const onClose = () => settle(new OutgoingError('tls-failed', host, 'closed before TLS was set up'));
    tls
      .once('error', onError)
      .once('close', onClose)
      .once('secureConnect', () => {
        tls.off('error', onError).off('close', onClose);
        settle(undefined);
      });
    return tls;
  });
}

/** Resolves with the socket once it has settled well; destroys it when it fails or takes too long. */
function within<S extends Socket>(
  { clock, connectTimeout }: Dialling,
  host: string,
  start: (settle: (error: OutgoingError | undefined) => void) => S,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (error: OutgoingError | undefined) => {
      cancel();
      if (error === undefined) return resolve(socket);
      // A late error of a socket that is given up is nobody's any more.
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const cancel = clock.after(connectTimeout, () =>
      settle(new OutgoingError('connect-failed', host, `no connection within ${connectTimeout} ms`)),
    );
    const socket = start(settle);
  });
}

/** The code of an error or its text, neither of which tells more than host and port. */
function reason(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.message;
}
