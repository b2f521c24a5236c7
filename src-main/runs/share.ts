import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import { SHARE_CALL_MS } from './limits.ts';

/** Tells a `train` how hard it may work. One that is away hears of it at its next start. */
export const tellShare = (
  train: Pick<ChildClient<TrainContract>, 'call'>,
  share: number,
  log: (line: string) => void,
): Promise<void> =>
  train
    .call('setShare', { share }, AbortSignal.timeout(SHARE_CALL_MS))
    .catch((error: unknown) => log(`train was not told how hard it may work: ${error}`));
