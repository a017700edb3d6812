import type { Clock } from '../util/clock.ts';
import type { Metrics } from '../util/metrics.ts';
import { AddressRules, type AddressSettings } from './address-rules.ts';
import { DnsNames } from './dns-names.ts';
import { HostsFile } from './hosts-file.ts';
import { NameResolver } from './name-resolver.ts';
import type { NameSource } from './name-source.ts';
import { type ClientSettings, OutgoingClient } from './outgoing-client.ts';
import { OutgoingMetrics } from './outgoing-metrics.ts';
import { SystemNames } from './system-names.ts';
import { type TrustSettings, trustedAuthorities } from './trust.ts';

/** The section `outgoing` of the configuration. */
export interface OutgoingSettings extends ClientSettings, AddressSettings, TrustSettings {
  readonly connectTimeout: number;
  readonly dnsTimeout: number;
  readonly dnsCacheEntries: number;
}

/** What goes out, and the names that it goes to. */
export interface Outgoing {
  readonly client: OutgoingClient;
  /** For addresses that the administrator has written down, which may be on this machine or in its network. */
  readonly configured: OutgoingClient;
  readonly resolver: NameResolver;
}

/** @param names where names are looked up; by default as this machine does. */
export function openOutgoing(
  settings: OutgoingSettings,
  around: { readonly clock: Clock; readonly metrics: Metrics },
  names?: NameSource,
): Outgoing {
  const { clock, metrics } = around;
  const source = names ?? new SystemNames(new HostsFile(HOSTS_FILE, clock), new DnsNames(settings));
  const resolver = new NameResolver(source, { maxEntries: settings.dnsCacheEntries, clock });
  const rules = new AddressRules(settings);
  const { connectTimeout } = settings;
  const dialling = { resolver, rules, trust: trustedAuthorities(settings), clock, connectTimeout };
  const counts = new OutgoingMetrics(metrics);
  const client = new OutgoingClient(settings, dialling, counts);
  const everywhere = new AddressRules({ allow: [...settings.allow, '0.0.0.0/0', '::/0'], deny: settings.deny });
  const configured = new OutgoingClient(settings, { ...dialling, rules: everywhere }, counts);
  metrics.gauge('outgoing_hosts', 'Hosts to which connections are kept.', () => client.hosts);
  return { client, configured, resolver };
}

const HOSTS_FILE = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';
