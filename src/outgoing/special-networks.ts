/**
 * Networks whose addresses mean something on this machine or its own network only, or are no machine's address.
 * Sources: https://www.iana.org/assignments/iana-ipv4-special-registry,
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const SPECIAL_IPV4: readonly string[] = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // behind a carrier's address translation
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, metadata of cloud machines
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];

/**
 * Only 2000::/3 is assigned to machines of the internet, so all else is special: loopback, `::`, IPv4-mapped,
 * unique-local, site-local, link-local, multicast. Of 2000::/3: protocol assignments with Teredo, documentation, 6to4.
 */
export const SPECIAL_IPV6: readonly string[] = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

/** An IPv4 address behind a translator of an IPv6-only network: means what that address means. RFC 6052 */
export const NAT64 = '64:ff9b::';

/** An IPv4 address written as an IPv6 one. RFC 4291, section 2.5.5.2 */
export const IPV4_MAPPED = '::ffff:';
