import { parseConfig } from '../../src/config/load.ts';
import { type Outgoing, type OutgoingSettings, openOutgoing } from '../../src/outgoing/open-outgoing.ts';
import { Metrics } from '../../src/util/metrics.ts';
import { TestClock } from './test-clock.ts';
import { TestNames } from './test-names.ts';

export interface TestOutgoing extends Outgoing {
  readonly clock: TestClock;
  readonly names: TestNames;
  readonly metrics: Metrics;
}

/** The outgoing client with the defaults of the configuration, `changes` over them, and names of the test. */
export function testOutgoing(changes: Partial<OutgoingSettings> = {}): TestOutgoing {
  const config = parseConfig('server_name: test.example', { name: 'test', configDir: '/' });
  const parts = { clock: new TestClock(), names: new TestNames(), metrics: new Metrics({ process: false }) };
  return { ...openOutgoing({ ...config.outgoing, ...changes }, parts, parts.names), ...parts };
}
