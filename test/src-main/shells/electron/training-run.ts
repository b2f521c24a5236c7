import type { RoundView, RunFacts } from '../../../../src-shared/contract/page/runs.ts';
import { emptyRun, type RunView } from '../../../../src-shared/contract/page/sections.ts';
import type { Hex } from '../../../../src-shared/units.ts';

export const RUN = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

const facts: RunFacts = {
  profile: 'practice',
  profileHash: '0x00' as Hex,
  netuid: 1,
  role: 'miner',
  mark: 'PRACTICE',
  startedAtMs: 0,
  network: 'practice',
  controls: ['pause', 'stop'],
  continuesAtRound: null,
};

/** A run in its third round. */
export const trainingRun = (): RunView => ({
  ...emptyRun(facts),
  worker: { kind: 'training' },
  round: { round: 3 } as RoundView,
});
