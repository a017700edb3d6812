import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING, EVENT_SUITE_BEGIN, EVENT_SUITE_END } =
  Mocha.Runner.constants;

/** What one run of mocha adds to the last line of `npm test`. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Tally extends Counts {
  ms: number;
}

/**
 * A mocha reporter with one line for each outermost suite, the failures in full at the end, and the counts in the
 * file that the reporter option `output` names.
 */
class SummaryReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
    // The events of a file come in one piece, in parallel runs too; there a test does not know its suites.
    const open: string[] = [];
    let tally: Tally = { passed: 0, failed: 0, skipped: 0, ms: 0 };
    const add = (test: Mocha.Runnable, kind: keyof Counts) => {
      tally[kind]++;
      tally.ms += test.duration ?? 0;
      counts[kind]++;
    };
    runner.on(EVENT_TEST_PASS, (test) => add(test, 'passed'));
    runner.on(EVENT_TEST_PENDING, (test) => add(test, 'skipped'));
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      add(test, 'failed');
      console.log(`  FAILED ${test.fullTitle()}: ${onOneLine(String(error?.message))}`);
    });
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (!suite.root) open.push(suite.title);
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (suite.root) return;
      const title = open.pop();
      if (open.length > 0 || title === undefined) return;
      console.log(line(title, tally));
      tally = { passed: 0, failed: 0, skipped: 0, ms: 0 };
    });
    runner.once(EVENT_RUN_END, () => {
      if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
      const output: unknown = options['reporterOptions']?.output;
      if (typeof output === 'string') writeFileSync(output, JSON.stringify(counts));
    });
  }
}

/** With what was and what should have been, which assertions tell on further lines. */
function onOneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' | ').slice(0, 600);
}

function line(title: string, { passed, failed, skipped, ms }: Tally): string {
  const mark = failed > 0 ? '✖' : '✔';
  const others = `${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return `  ${mark} ${title}: ${passed} passed${others} (${Math.round(ms)} ms)`;
}

export { SummaryReporter as 'module.exports' };
