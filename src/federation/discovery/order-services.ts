import type { ServiceRecord } from '../../outgoing/name-source.ts';
import type { Random } from '../../util/random.ts';

/**
 * SRV records in the order in which to try them: by priority, within one at random in proportion to the weights.
 * Source: RFC 2782
 */
export function orderServices(records: readonly ServiceRecord[], random: Random): ServiceRecord[] {
  const left = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: ServiceRecord[] = [];
  while (left.length > 0) {
    const group = left.filter(({ priority }) => priority === left[0]!.priority);
    const total = group.reduce((sum, { weight }) => sum + weight, 0);
    let rest = Math.floor((random.bytes(4).readUInt32BE() / 2 ** 32) * (total + 1));
    const chosen = group.find(({ weight }) => {
      rest -= weight;
      return rest <= 0;
    });
    ordered.push(...left.splice(left.indexOf(chosen ?? left[0]!), 1));
  }
  return ordered;
}
