import { describe, expect, it } from 'vitest';
import { changedParts } from '../../../src-shared/profile/changed-parts.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';

const { consensus } = liveProfile('gpt2-124m');

describe('what a run does otherwise than the one before', () => {
  it('is nothing where only its name and what it follows differ', () => {
    const predecessor = { hash: 'ab'.repeat(32), afterRound: 9 } as Consensus['predecessor'];
    expect(changedParts(consensus, { ...consensus, name: 'other', predecessor })).toEqual([]);
  });

  it.each<[string, Partial<Consensus>]>([
    ['model', { model: { ...consensus.model, layers: 3 } }],
    ['weights', { initialWeights: { seed: 'another', digest: null } }],
    ['text', { tokenizer: 'practice-4096' }],
    ['learning', { inner: { ...consensus.inner, lr: 1 } }],
    ['rounds', { clock: { ...consensus.clock, blocksPerRound: 9_999 } }],
    ['exchange', { codec: { ...consensus.codec, chunkElements: 1 } }],
    ['witnesses', { witnesses: { kind: 'by-stake', count: 31 } }],
    ['scores', { sketches: { projections: 1, checkedMicroBatches: 1 } }],
    ['subnet', { chain: { ...consensus.chain, netuid: 1 } }],
  ])('is its %s', (part, changes) => {
    expect(changedParts(consensus, { ...consensus, ...changes })).toEqual([part]);
  });

  it('names each part once, in the order in which a person reads them', () => {
    const after = {
      ...consensus,
      model: { ...consensus.model, layers: 3 },
      outer: [],
      inner: { ...consensus.inner, lr: 1 },
    };
    expect(changedParts(consensus, after)).toEqual(['model', 'learning']);
  });
});
