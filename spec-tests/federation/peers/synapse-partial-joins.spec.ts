import { describeNeighbours, SYNAPSE } from './neighbours.ts';
import { partialJoins } from './stories/partial-joins.ts';

describeNeighbours(SYNAPSE, 'before all members are known', [partialJoins], { PARTIAL_JOINS: '1' });
