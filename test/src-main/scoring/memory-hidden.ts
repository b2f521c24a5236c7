import {
  type HiddenCommit,
  type HiddenWeights,
  hiddenWeights,
} from '../../../src-main/scoring/hidden-weights.ts';

/** What was committed, on no disk: the same list is what a restart finds. */
export function memoryHidden(kept: HiddenCommit[] = []): HiddenWeights {
  return hiddenWeights({
    read: async () => [...kept],
    write: async (commits) => {
      kept.splice(0, kept.length, ...commits);
    },
  });
}
