import { setFlagsFromString } from 'node:v8';
import { serveChild } from '../../src-node/child.ts';
import { swarmContract } from '../../src-shared/contract/swarm.ts';
import { partsOf } from './adversaries/adversaries.ts';
import { composeSwarm } from './swarm.ts';

// Buffers of chunks count with the heap. By V8's own limit for them a few dozen megabytes start a collection of
// everything, and an exchange spends more on these than on its bytes.
setFlagsFromString('--external-memory-accounted-in-global-limit');

serveChild(swarmContract, (config, door) => composeSwarm(config, door, partsOf(config.adversary)));
