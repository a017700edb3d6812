import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { roomVersion } from '../../../../src/protocol/room-versions/index.ts';
import type { Checked } from '../../../../src/services/timeline/receive-pdu/check-format.ts';
import { EventChecks } from '../../../../src/services/timeline/receive-pdu/check-signatures.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../../support/remote-server.ts';

const FAR = new RemoteServer('far.example', 1);
const UNKNOWN = new RemoteServer('unknown.example', 2);
const DORA = FAR.user('dora');
const rules = roomVersion('11')!;

describe('EventChecks of many events', () => {
  const checks = new EventChecks(keysOf(FAR));
  let branch: Branch;
  let pdus: JsonObject[];

  beforeEach(() => {
    branch = Branch.found(FAR, DORA, '11');
    pdus = Array.from({ length: 130 }, (_, n) => wire(branch.say(FAR, DORA, `number ${n}`)));
  });

  const say = (one: Checked | undefined) => (one?.ok ? one.event.json : one?.error);

  it('come to the same as those of each event by itself, in the order given', async () => {
    const signatures = pdus[40]!['signatures'] as JsonObject;
    pdus[3] = { ...pdus[3], signatures };
    pdus[17] = { ...pdus[17], content: { msgtype: 'm.text', body: 'something else' } };
    pdus[29] = { ...pdus[29], signatures: {} };
    pdus[51] = { type: 'm.nothing' };
    pdus[77] = wire(branch.make(UNKNOWN, UNKNOWN.user('erin'), { type: 'm.room.message', content: {} }));
    pdus[80] = { ...pdus[80], signatures: { [FAR.name]: { [FAR.key.keyId]: 'no signature' } } };
    const alone: (string | undefined)[] = [];
    for (const pdu of pdus) alone.push(say((await checks.check([pdu], rules, branch.roomId))[0]));
    const together = await checks.check(pdus, rules, branch.roomId);
    deepStrictEqual(together.map(say), alone);
    const refused = together.flatMap((one, i) => (one.ok ? [] : [i]));
    deepStrictEqual(refused, [3, 29, 51, 77, 80]);
    const [hashless] = together.slice(17);
    deepStrictEqual(hashless?.ok && hashless.event.pdu.content, {});
  });

  it('are made once of each, however often it is told, as in a state and its auth chain', async () => {
    let verified = 0;
    const keys = keysOf(FAR);
    const counting = new EventChecks({
      lookup: async (wanted) => {
        const lookup = await keys.lookup(wanted);
        return (server, keyId) => {
          verified += 1;
          return lookup(server, keyId);
        };
      },
    });
    const again = pdus.map((pdu) => JSON.parse(JSON.stringify(pdu)) as JsonObject);
    // With another signature it is another matter.
    const forged = { ...again[7], signatures: { [FAR.name]: { [FAR.key.keyId]: 'no signature' } } };
    const all = await counting.check([...pdus, ...again, forged], rules, branch.roomId);
    strictEqual(verified, pdus.length + 1);
    deepStrictEqual(all.slice(pdus.length, -1).map(say), all.slice(0, pdus.length).map(say));
    strictEqual(all.filter((one) => one.ok).length, 2 * pdus.length);
    strictEqual(all.at(-1)?.ok, false);
  });

  it('are made while others have their turn', async () => {
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await checks.check(pdus, rules, branch.roomId);
    isOver = true;
    strictEqual(turns > 130 / 20, true, `${turns} turns`);
  });
});
