import type { TrainAdversary } from '../../../src-shared/contract/adversary.ts';
import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { honestLabour, type Labour } from '../loop/labour.ts';
import { duplicatePagesLabour } from './duplicate-pages.ts';
import { freeRiderLabour } from './free-rider.ts';
import { checkOnlyLabour, decoyLabour, halfWorkerLabour } from './lazy.ts';
import { spoilOffer } from './non-finite.ts';
import { poisonerLabour } from './poisoner.ts';
import { replayerLabour } from './replayer.ts';
import { staleBaseLabour } from './stale-base.ts';

/** What each dishonest worker does instead of the work. */
const labours: Readonly<Record<TrainAdversary, () => Labour>> = {
  'free-rider': () => freeRiderLabour,
  'stale-base': staleBaseLabour,
  'half-worker': () => halfWorkerLabour,
  'duplicate-pages': () => duplicatePagesLabour,
  replayer: replayerLabour,
  decoy: () => decoyLabour,
  poisoner: () => poisonerLabour,
  'non-finite': () => honestLabour,
  'check-only': () => checkOnlyLabour,
};

export const dishonestLabour = (adversary: TrainAdversary): Labour => labours[adversary]();

/** The calls of a dishonest worker's process, where its labour alone does not make it one. */
export const dishonestCalls = (
  adversary: TrainAdversary | null,
  honest: CallHandlers<TrainContract>,
  spoolDir: string,
): CallHandlers<TrainContract> =>
  adversary === 'non-finite'
    ? {
        ...honest,
        async contribute(asked, signal) {
          const answer = await honest.contribute(asked, signal);
          return { ...answer, root: await spoilOffer(spoolDir, asked.round) };
        },
      }
    : honest;
