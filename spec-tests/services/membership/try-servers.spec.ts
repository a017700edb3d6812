import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/federation/signed-client/remote-error.ts';
import { OutgoingError } from '../../../src/outgoing/outgoing-error.ts';
import type { MatrixError } from '../../../src/protocol/errors.ts';
import type { ServerName } from '../../../src/protocol/identifiers/server-name.ts';
import { BadAnswerError, tryServers } from '../../../src/services/membership/remote/try-servers.ts';
import { Loggers } from '../../../src/util/logger.ts';
import { TestClock } from '../../support/test-clock.ts';

const servers = ['a.example', 'b.example', 'c.example'] as ServerName[];
const logger = new Loggers({ level: 'error', format: 'json', write: () => undefined }).named('test');

function refusing(status: number, errcode: string, more = {}) {
  return new RemoteError('server', status, { body: { errcode, error: `said ${errcode}`, ...more } });
}

/** Asks servers that answer in this order; `asked` counts them. */
async function attempt(answers: readonly unknown[], budgetMs = 1_000, perAnswerMs = 0) {
  const clock = new TestClock();
  let asked = 0;
  const result = await tryServers(
    servers,
    async () => {
      clock.advance(perAnswerMs);
      const answer = answers[asked++];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    { clock, logger, budgetMs, what: 'a test' },
  ).catch((error: unknown) => error);
  return { result, asked };
}

describe('Servers that are asked one after the other', () => {
  const passing: [string, Error][] = [
    ['cannot be reached', new OutgoingError('timeout', 'a.example', 'no answer')],
    ['answers something else', new BadAnswerError('nonsense')],
    ['is not in the room', refusing(404, 'M_NOT_FOUND')],
    ['does not know yet that the user may', refusing(403, 'M_FORBIDDEN')],
    ['cannot let anybody in', refusing(400, 'M_UNABLE_TO_GRANT_JOIN')],
    ['cannot check the conditions', refusing(400, 'M_UNABLE_TO_AUTHORISE_JOIN')],
    ['is broken', refusing(500, 'M_UNKNOWN')],
    ['is busy', refusing(429, 'M_LIMIT_EXCEEDED')],
  ];
  for (const [what, error] of passing) {
    it(`are followed by the next where one ${what}`, async () => {
      assert.deepEqual(await attempt([error, 'done']), { result: 'done', asked: 2 });
    });
  }

  it('end with one that says what is the same everywhere', async () => {
    const { result, asked } = await attempt([refusing(400, 'M_INCOMPATIBLE_ROOM_VERSION', { room_version: '99' })]);
    assert.equal(asked, 1);
    assert.equal((result as MatrixError).errcode, 'M_INCOMPATIBLE_ROOM_VERSION');
    assert.equal((result as MatrixError).extra?.['room_version'], '99');
  });

  it('are not asked when the time is over', async () => {
    const { asked } = await attempt([new BadAnswerError('a'), new BadAnswerError('b'), 'done'], 1_000, 600);
    assert.equal(asked, 2);
  });

  it('are each told how much of the time is left for all', async () => {
    const clock = new TestClock();
    const told: number[] = [];
    const options = { clock, logger, budgetMs: 1_000, what: 'a test' };
    await tryServers(
      servers,
      async (server, left) => {
        told.push(left());
        clock.advance(400);
        told.push(left());
        if (server !== 'b.example') throw new BadAnswerError('nonsense');
      },
      options,
    );
    assert.deepEqual(told, [1_000, 600, 600, 200]);
  });

  it('do not hide faults of this server', async () => {
    const fault = new Error('the disk is full');
    assert.deepEqual(await attempt([fault, 'done']), { result: fault, asked: 1 });
  });

  it('are summed up by the most telling refusal', async () => {
    const away = new OutgoingError('timeout', 'a.example', 'no answer');
    const refused = await attempt([away, refusing(404, 'M_NOT_FOUND'), refusing(403, 'M_FORBIDDEN')]);
    assert.equal((refused.result as MatrixError).errcode, 'M_FORBIDDEN');
    assert.equal((refused.result as MatrixError).message, 'said M_FORBIDDEN');
    const unable = await attempt([refusing(404, 'M_NOT_FOUND'), refusing(400, 'M_UNABLE_TO_GRANT_JOIN'), away]);
    assert.equal((unable.result as MatrixError).errcode, 'M_UNABLE_TO_GRANT_JOIN');
    const none = await attempt([away, refusing(400, 'M_INVALID_PARAM'), refusing(500, 'M_UNKNOWN')]);
    assert.equal((none.result as MatrixError).status, 502);
  });
});
