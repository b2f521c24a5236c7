import { serveChild } from '../../src-node/child.ts';
import { swarmContract } from '../../src-shared/contract/swarm.ts';
import { composeSwarm } from './swarm.ts';

serveChild(swarmContract, (config, door) => composeSwarm(config, door));
