/** Who a listener is for. */
export type Audience = 'client' | 'federation';

const FEDERATION = ['/_matrix/federation/', '/_matrix/key/', '/_matrix/policy/'];
/** Old servers fetch files where clients do. */
const BOTH = ['/_matrix/media/', '/.well-known/'];

const startsWithOne = (path: string, prefixes: readonly string[]) => prefixes.some((prefix) => path.startsWith(prefix));

/** Whether a path is for one of the audiences. */
export function isFor(audiences: readonly Audience[]): (path: string) => boolean {
  const clients = audiences.includes('client');
  const servers = audiences.includes('federation');
  if (clients && servers) return () => true;
  return (path) =>
    startsWithOne(path, BOTH) ? clients || servers : startsWithOne(path, FEDERATION) ? servers : clients;
}
