import type { SetupDetail } from '../../src-shared/contract/page/runs.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import type { GenesisKeys } from '../devnet/genesis.ts';
import { type Opening, openWhenReady } from '../devnet/opening.ts';
import { makeKeys } from '../join/keys.ts';
import type { Run } from '../runs/run.ts';
import type { SetupSteps } from '../runs/setup-steps.ts';
import { COLDKEY } from '../vault/key-names.ts';
import type { PracticeChain } from './chain.ts';
import { keysDirOf, ownerFolder } from './practice-keys.ts';

export interface OpenSubnetOptions {
  readonly run: Run;
  readonly devnet: Pick<PracticeChain, 'setBlockMs'>;
  /** The practice's own. */
  readonly folder: string;
  readonly keys: GenesisKeys;
  readonly minersNeeded: number;
  /** The pace of the first round; until then the chain hurries. */
  readonly blockMs: number;
  readonly steps: SetupSteps;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/** Has the owner of the practice's subnet start its emission once everybody is there, and shows how far that is. */
export async function openSubnet(options: OpenSubnetOptions): Promise<Opening> {
  const { run, devnet, keys, minersNeeded, blockMs, steps } = options;
  const { vault } = await makeKeys(keysDirOf(ownerFolder(options.folder)));
  steps.set('peers', 'working', minersReady(0, minersNeeded));
  const opening = openWhenReady({
    chain: run.chain,
    runTag: runTagOf(run.profileHash),
    owner: vault.signer(COLDKEY, run.chain.callIndexes),
    miners: async () => keys.miners.map(({ hotkey }) => hotkey),
    witness: keys.validator.hotkey,
    otherWitnesses: (keys.otherValidators ?? []).map(({ hotkey }) => hotkey),
    minersNeeded,
    progress: ({ miners: ready }) => {
      steps.set('peers', 'working', minersReady(ready, minersNeeded));
      if (ready > 1) steps.set('companions', 'done');
    },
    prepare: (limit) => devnet.setBlockMs(blockMs, limit),
    log: options.log,
    signal: options.signal,
  });
  void opening.opened.then(() => {
    steps.set('companions', 'done');
    steps.set('peers', 'done');
    steps.set('round', 'working');
  });
  return opening;
}

const minersReady = (ready: number, needed: number): SetupDetail => ({
  code: 'miners-ready',
  params: { ready, needed },
});
