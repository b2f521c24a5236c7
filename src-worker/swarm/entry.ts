import { swarmContract } from '../../src-shared/contract/swarm.ts';
import { serveChild } from '../common/child.ts';
import { startSwarm } from './swarm.ts';

serveChild(swarmContract, (config, door) => startSwarm(config, door.emit));
