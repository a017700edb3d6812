import type { Route } from './dial.ts';
import type { OutgoingRequest, RoutedMessage } from './outgoing-request.ts';

/** Where the requests for an address go. */
export function routeOf(url: URL): Route {
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const protocol = url.protocol === 'http:' ? 'http:' : 'https:';
  const port = url.port === '' ? (protocol === 'http:' ? 80 : 443) : Number(url.port);
  return { protocol, host, port, certificateName: protocol === 'http:' ? '' : host };
}

/** What is sent there. */
export function messageTo(url: URL, request: OutgoingRequest): RoutedMessage {
  return { ...request, target: url.pathname + url.search, hostHeader: url.host };
}
