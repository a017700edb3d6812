import { BlockList, isIP } from 'node:net';
import { IPV4_MAPPED, NAT64, SPECIAL_IPV4, SPECIAL_IPV6 } from './special-networks.ts';

export interface AddressSettings {
  /** Networks (`10.0.0.0/8`) or addresses that may be connected to although they are special. */
  readonly allow: readonly string[];
  /** Networks or addresses that may not be connected to. */
  readonly deny: readonly string[];
}

interface Rule {
  readonly bits: number;
  readonly permits: boolean;
  readonly network: BlockList;
}

type Family = 'ipv4' | 'ipv6';

function rule(base: string, bits: number, family: Family, permits: boolean): Rule {
  const network = new BlockList();
  network.addSubnet(base, bits, family);
  return { bits, permits, network };
}

/** The rules of one family, first match first. */
class Rules {
  readonly #rules: Rule[] = [];

  /** Adds rules below all that are there: the narrowest network first, and refusals before permissions. */
  add(rules: readonly Rule[]): void {
    this.#rules.push(...rules.toSorted((a, b) => b.bits - a.bits || Number(a.permits) - Number(b.permits)));
  }

  permits(address: string, family: Family): boolean {
    return this.#rules.find(({ network }) => network.check(address, family))?.permits ?? true;
  }
}

/**
 * Which addresses may be connected to. Of the configured networks the narrowest decides (a refusal, if one of the same
 * size is allowed too); where none holds the address, it must be one of the internet.
 */
export class AddressRules {
  readonly #ipv4 = new Rules();
  readonly #ipv6 = new Rules();

  constructor(settings: AddressSettings) {
    this.#add([...settings.allow.map((n) => [n, true] as const), ...settings.deny.map((n) => [n, false] as const)]);
    this.#add(SPECIAL_IPV4.map((n) => [n, false] as const));
    this.#ipv6.add([rule(NAT64, 96, 'ipv6', true)]);
    this.#add(SPECIAL_IPV6.map((n) => [n, false] as const));
  }

  /** Whether an IP address may be connected to. False for what is none, and for one that names an interface. */
  permits(address: string): boolean {
    const version = isIP(address);
    if (version === 0 || address.includes('%')) return false;
    return version === 4 ? this.#ipv4.permits(address, 'ipv4') : this.#ipv6.permits(address, 'ipv6');
  }

  /** A network of IPv4 holds for the forms of its addresses in IPv6, too. */
  #add(networks: readonly (readonly [network: string, permits: boolean])[]): void {
    const ipv4: Rule[] = [];
    const ipv6: Rule[] = [];
    for (const [network, permits] of networks) {
      const [base = '', length] = network.split('/');
      const isIpv4 = isIP(base) === 4;
      const bits = Number(length ?? (isIpv4 ? 32 : 128));
      if (isIpv4) {
        ipv4.push(rule(base, bits, 'ipv4', permits));
        for (const prefix of [IPV4_MAPPED, NAT64]) ipv6.push(rule(prefix + base, 96 + bits, 'ipv6', permits));
      } else {
        ipv6.push(rule(base, bits, 'ipv6', permits));
      }
    }
    this.#ipv4.add(ipv4);
    this.#ipv6.add(ipv6);
  }
}
