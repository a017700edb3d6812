import { DENDRITE, describeNeighbours } from './neighbours.ts';
import { conversation } from './stories/conversation.ts';
import { encryption } from './stories/encryption.ts';
import { membership } from './stories/membership.ts';
import { presence } from './stories/presence.ts';

describeNeighbours(DENDRITE, 'talk', [conversation, membership, presence, encryption]);
