import { serveChild } from '../../src-node/child.ts';
import { swarmContract } from '../../src-shared/contract/swarm.ts';
import { startSwarm } from './swarm.ts';

serveChild(swarmContract, (config, door) => startSwarm(config, door));
