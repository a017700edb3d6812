import { describeNeighbours, SYNAPSE } from './neighbours.ts';
import { outages } from './stories/outages.ts';
import { roomVersions } from './stories/room-versions.ts';

describeNeighbours(SYNAPSE, 'come and go', [roomVersions, outages]);
