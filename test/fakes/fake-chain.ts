import type {
  BlockRef,
  Chain,
  ChainCall,
  Commitment,
  Neuron,
  SubnetFacts,
  TxFate,
} from '../../src-main/chain/chain.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { alphaRao, type Hex, hex, rao, type Ss58, ss58 } from '../../src-shared/units.ts';

/**
 * A chain in memory whose blocks are sealed by hand. Calls wait in a pool until the next block; each block is final
 * `finalityLag` blocks later. The state of every block stays readable unless it is pruned.
 */
export interface FakeChain extends Chain {
  /** Seals blocks up to and including this number. */
  sealTo(block: number): void;
  /** From now on finality stands still, or goes on. */
  stallFinality(stalled: boolean): void;
  /** The pool takes calls and includes none. */
  holdCalls(held: boolean): void;
  prune(before: number): void;
  readonly weights: ReadonlyMap<Ss58, readonly { readonly uid: number; readonly weight: number }[]>;
  readonly submitted: readonly ChainCall[];
}

export interface FakeChainOptions {
  readonly neurons: readonly Partial<Neuron>[];
  readonly subnet?: Partial<SubnetFacts>;
  readonly finalityLag?: number;
}

interface Waiting {
  readonly call: ChainCall;
  readonly signer: Ss58;
  readonly lastBlock: number | null;
  done(fate: TxFate): void;
}

const hashOf = (block: number): Hex => hex(block.toString(16).padStart(64, '0'));

export function fakeChain({ neurons, subnet, finalityLag = 1 }: FakeChainOptions): FakeChain {
  const listeners = { head: new Set<(b: BlockRef) => void>(), finalized: new Set<(b: BlockRef) => void>() };
  const states = new Map<Hex, ReadonlyMap<Ss58, Commitment>>();
  const weights = new Map<Ss58, readonly { uid: number; weight: number }[]>();
  const submitted: ChainCall[] = [];
  const lastUpdates = new Map<Ss58, number>();
  let slots: ReadonlyMap<Ss58, Commitment> = new Map();
  const pool: Waiting[] = [];
  let head: BlockRef | null = null;
  let finalized: BlockRef | null = null;
  let stalled = false;
  let held = false;
  let prunedBefore = 0;

  const refOf = (number: number): BlockRef => ({ number, hash: hashOf(number), seenAtMs: number * 1_000 });

  function seal(number: number): void {
    for (const waiting of pool.splice(0)) include(waiting, number);
    states.set(hashOf(number), slots);
    head = refOf(number);
    for (const listener of [...listeners.head]) listener(head);
    if (stalled) return;
    const upTo = number - finalityLag;
    for (let next = finalized ? finalized.number + 1 : Math.max(0, upTo); next <= upTo; next++) {
      finalized = refOf(next);
      for (const listener of [...listeners.finalized]) listener(finalized);
    }
  }

  function include(waiting: Waiting, block: number): void {
    const { call, signer, lastBlock } = waiting;
    const hash = hashOf(0xffff);
    if (lastBlock !== null && block > lastBlock) {
      waiting.done({ kind: 'expired', hash });
      return;
    }
    if (held) {
      pool.push(waiting);
      return;
    }
    if (call.kind === 'setCommitment') slots = new Map(slots).set(signer, { block, fields: call.fields });
    if (call.kind === 'setWeights') {
      weights.set(signer, call.weights);
      lastUpdates.set(signer, block);
    }
    waiting.done({ kind: 'finalized', hash, block, blockHash: hashOf(block) });
  }

  return {
    endpoint: 'fake',
    genesisHash: hashOf(0),
    netuid: 38,
    connected: true,
    weights,
    submitted,
    get head() {
      return head;
    },
    get finalized() {
      return finalized;
    },
    on(event: 'head' | 'finalized' | 'connection', listener: never) {
      if (event === 'connection') return () => undefined;
      const set: Set<never> = listeners[event] as never;
      set.add(listener);
      return () => set.delete(listener);
    },
    sealTo(block) {
      for (let number = (head?.number ?? block - 1) + 1; number <= block; number++) seal(number);
    },
    stallFinality(next) {
      stalled = next;
    },
    holdCalls(next) {
      held = next;
    },
    prune(before) {
      prunedBefore = before;
    },
    blockHash: async (block) => hashOf(block),
    subnet: async () => ({
      name: 'Butterfly practice',
      ownerColdkey: null,
      tempo: 10,
      weightsSetRateLimit: 5,
      immunityPeriod: 100,
      burnRao: rao(1n),
      neurons: neurons.length,
      firstEmissionBlock: 100,
      commitReveal: false,
      maxCommitmentBytesPerEpoch: 3_100,
      ...subnet,
    }),
    metagraph: async () =>
      neurons.map((neuron, uid) => {
        const hotkey = neuron.hotkey ?? ss58(`hotkey ${uid}`);
        return {
          uid,
          hotkey,
          coldkey: ss58(`cold ${hotkey}`),
          validatorPermit: false,
          active: true,
          registeredAt: 0,
          incentive: 0,
          dividends: 0,
          emissionAlpha: alphaRao(0n),
          stakeAlpha: alphaRao(0n),
          ...neuron,
          lastUpdate: lastUpdates.get(hotkey) ?? 0,
        };
      }),
    commitments: async (hotkeys, at) => {
      const hash = at ?? finalized?.hash ?? hashOf(0);
      const state = states.get(hash);
      if (!state || Number.parseInt(hash, 16) < prunedBefore)
        throw new AppError('CHAIN_UNREACHABLE', { endpoint: 'fake' });
      return new Map([...state].filter(([hotkey]) => hotkeys.includes(hotkey)));
    },
    balance: async () => rao(0n),
    stake: async () => alphaRao(0n),
    alphaPrice: async () => null,
    incentivesPaid: async () => null,
    submit: (call, signer, signal, options) => {
      submitted.push(call);
      return new Promise((done, reject) => {
        pool.push({ call, signer: signer.address, lastBlock: options?.lastBlock ?? null, done });
        signal.addEventListener('abort', () => reject(new AppError('CANCELLED')), { once: true });
      });
    },
    stop: async () => undefined,
  };
}
