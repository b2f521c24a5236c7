import type { EventName, EventOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';

/** Says something to the host. */
export type Emit = <N extends EventName<SwarmContract>>(name: N, payload: EventOf<SwarmContract, N>) => void;
