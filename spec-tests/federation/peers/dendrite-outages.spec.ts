import { DENDRITE, describeNeighbours } from './neighbours.ts';
import { outages } from './stories/outages.ts';
import { roomVersions } from './stories/room-versions.ts';

describeNeighbours(DENDRITE, 'come and go', [roomVersions, outages]);
