import type { Consensus, Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { CONTEXT, VOCAB } from './text.ts';

/** Of the fake chain: an epoch is a round of a run with three witnesses. */
export const TEMPO = 23;
export const START = 100;

/**
 * The practice profile with a model so small that sixteen of them train in one process, and eight steps a round, two on
 * each page. Rules, limits and the score model are the practice's.
 */
export function integrityProfile(witnesses: readonly [Ss58, ...Ss58[]], owner: Ss58): Profile {
  const { consensus, local } = practiceProfile({
    witness: witnesses[0],
    otherWitnesses: witnesses.slice(1),
    ownerColdkey: owner,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  });
  return {
    local,
    consensus: {
      ...consensus,
      model: { layers: 1, width: 32, heads: 2, context: CONTEXT, vocab: VOCAB },
      initialWeights: { seed: 'butterfly/integrity/1', digest: null },
      dataset: { kind: 'embedded', manifest: null, pageSequences: 8 },
      inner: { ...consensus.inner, ...inner },
      // By the practice's own slack standbys would begin when the exchange is over.
      reduce: { ...consensus.reduce, slackMs: 100 },
      scoreModel: { ...consensus.scoreModel, bandwidth: { ...consensus.scoreModel.bandwidth, ...bandwidth } },
      codec: { ...consensus.codec, chunkElements: 1_280, pieceBytes: 16_384 },
    },
  };
}

/**
 * By this rate the text is still being learnt in round 24, as in a run that goes on. By twice of it everything is known in
 * round 21, and from then on steps do harm: to their own text, too (decision 94).
 */
const LEARNING_RATE = 3e-3;

const inner: Partial<Consensus['inner']> = {
  sequencesPerMicroBatch: 2,
  microBatchesPerStep: 2,
  lr: LEARNING_RATE,
  warmupTokens: 500,
  maxStepsPerRound: 8,
};

/** As the practice's over a hundredth of its parameters. */
const bandwidth = { bytes: 83_886, timeLimitMs: 3_000 };

/** Of everybody's line where nothing else is said: a few hundredths of a second for those bytes. */
export const LINE_BYTES_PER_S = 2_000_000;

/** Of a round in which every step was taken. */
export const WHOLE_SEQUENCES = 32;
