import type { Neuron } from '../../src-main/network/chain.ts';
import { type EpochInput, runEpoch } from '../../src-worker/devnet/economy/yuma.ts';
import type { FakeChain } from '../fakes/fake-chain.ts';

/** As on Subtensor: half of the stake has to agree. */
const KAPPA = 32_767 / 65_535;
const ACTIVITY_CUTOFF = 5_000;

/** What epochs pay: the practice chain's own consensus over the weights that validators have set. */
export class Economy {
  readonly #chain: FakeChain;
  #lastEpochBlock = 0;
  /** By uid, in parts of what miners get in an epoch; epochs that paid nobody are not among them. */
  readonly epochs: (readonly number[])[] = [];

  constructor(chain: FakeChain) {
    this.#chain = chain;
  }

  /** Ends an epoch in the newest block. */
  end(neurons: readonly Neuron[]): void {
    const block = this.#chain.head?.number ?? 0;
    const { incentive } = runEpoch(inputOf(neurons, this.#chain.weights, block, this.#lastEpochBlock));
    this.#lastEpochBlock = block;
    if (incentive.some((share) => share > 0)) this.epochs.push(incentive);
  }

  /** What a uid was paid in the last epochs, or in those before them. */
  paid(uid: number, last: number, which: 'last' | 'before' = 'last'): number {
    const epochs = which === 'last' ? this.epochs.slice(-last) : this.epochs.slice(0, -last);
    return epochs.reduce((sum, incentive) => sum + (incentive[uid] ?? 0), 0);
  }
}

function inputOf(
  neurons: readonly Neuron[],
  weights: FakeChain['weights'],
  block: number,
  lastEpochBlock: number,
): EpochInput {
  const none = neurons.map(() => 0);
  return {
    ...{
      block,
      lastEpochBlock,
      ownerUid: null,
      maxValidators: 64,
      activityCutoff: ACTIVITY_CUTOFF,
      kappa: KAPPA,
    },
    ...{ bondsPenalty: 1, bondsAlpha: 0.1, yuma: 3, liquidAlpha: null },
    stake: neurons.map(({ validatorPermit, stakeAlpha }) => (validatorPermit ? Number(stakeAlpha) : 0)),
    lastUpdate: neurons.map((neuron) => neuron.lastUpdate),
    committedAt: neurons.map(() => null),
    registeredAt: neurons.map((neuron) => neuron.registeredAt),
    permits: neurons.map(({ validatorPermit }) => validatorPermit),
    weights: neurons.map(({ hotkey }) => {
      const row = [...none];
      for (const { uid, weight } of weights.get(hotkey) ?? []) row[uid] = weight;
      return row;
    }),
    bonds: neurons.map(() => none),
  };
}
