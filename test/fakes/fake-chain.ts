import type {
  BlockRef,
  Chain,
  ChainCall,
  ChainEvents,
  Neuron,
  SubmitOptions,
  SubnetFacts,
  SubnetSnapshot,
  TxFate,
} from '../../src-main/network/chain.ts';
import { firstIndexBlock, nextIndexBlock } from '../../src-main/network/epoch-rule.ts';
import { listeners } from '../../src-node/listeners.ts';
import { beaconKeyOf, beaconSecretFrom } from '../../src-node/timelock.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type AlphaRao, alphaRao, type Hex, hex, type Rao, rao, type Ss58 } from '../../src-shared/units.ts';
import {
  applyCall,
  effectIn,
  FakeRefusal,
  type FakeRules,
  type FakeState,
  neuronOf,
  stakeKey,
  stakeQuoteOf,
} from './fake-state.ts';

/**
 * A chain in memory whose blocks are sealed by hand. Calls wait in a pool until the next block; each block is final
 * `finalityLag` blocks later, and with it what became of its calls is known. The state of every block stays readable
 * unless it is pruned. It has no fees and no epochs.
 */
export interface FakeChain extends Chain {
  /** Seals blocks up to and including this number. */
  sealTo(block: number): void;
  /** From now on finality stands still, or goes on. */
  stallFinality(stalled: boolean): void;
  /** The pool takes calls and includes none. */
  holdCalls(held: boolean): void;
  prune(before: number): void;
  /** From the next block on. */
  setStake(hotkey: Ss58, stakeAlpha: AlphaRao): void;
  /** From the next block on: the hotkey that held the uid is pruned. */
  handOver(uid: number, hotkey: Ss58): void;
  /** What somebody else's trade makes of the price, from now on. */
  setAlphaPrice(price: Rao): void;
  /** Of the newest block, final or not. */
  readonly weights: FakeState['weights'];
  readonly submitted: readonly ChainCall[];
}

export interface FakeChainOptions {
  readonly neurons: readonly Partial<Neuron>[];
  readonly subnet?: Partial<SubnetFacts>;
  readonly finalityLag?: number;
  readonly freeRao?: ReadonlyMap<Ss58, Rao>;
  readonly alphaPriceRao?: Rao;
  /** TAO in the pool; without it no order moves the price. */
  readonly poolTaoRao?: Rao;
}

interface Waiting {
  readonly call: ChainCall;
  readonly signer: Ss58;
  readonly hash: Hex;
  readonly lastBlock: number | null;
  /** What became of it in a block, told once that block is final. */
  included: { readonly block: number; readonly fate: TxFate } | null;
  done(fate: TxFate): void;
}

const hashOf = (block: number): Hex => hex(block.toString(16).padStart(64, '0'));
/** Its clock: a block is twelve seconds, and the beacon began with it. */
const FAKE_GENESIS_MS = 1_700_000_000_000;
const FAKE_BLOCK_MS = 12_000;
export const FAKE_BEACON = beaconSecretFrom(Uint8Array.of(7));

const txHash = (serial: number): Hex => hex(`ff${serial.toString(16).padStart(62, '0')}`);

function subnetOf(options: FakeChainOptions): SubnetFacts {
  return {
    isThere: true,
    name: 'Butterfly practice',
    ownerColdkey: null,
    tempo: 10,
    weightsSetRateLimit: 5,
    immunityPeriod: 100,
    burnRao: rao(1n),
    neurons: options.neurons.length,
    firstEmissionBlock: 100,
    commitReveal: false,
    maxCommitmentBytesPerEpoch: 3_100,
    ...{ minAllowedWeights: 1, maxWeightsLimit: 65_535, weightsVersion: 0, activityCutoff: 5_000 },
    ...options.subnet,
  };
}

export function fakeChain(options: FakeChainOptions): FakeChain {
  const { finalityLag = 1 } = options;
  const events = listeners<ChainEvents>();
  const { alphaPriceRao = null, poolTaoRao = null } = options;
  let rules: FakeRules = { subnet: subnetOf(options), alphaPriceRao, poolTaoRao };
  const genesis: FakeState = {
    neurons: options.neurons.map(neuronOf),
    slots: new Map(),
    axons: new Map(),
    weights: new Map(),
    commits: new Map(),
    freeRao: new Map(options.freeRao),
    stakes: new Map(),
    firstEmissionBlock: rules.subnet.firstEmissionBlock,
  };
  const states = new Map([[hashOf(0), genesis]]);
  const submitted: ChainCall[] = [];
  let newest = genesis;
  let pool: Waiting[] = [];
  let head: BlockRef | null = null;
  let finalized: BlockRef | null = null;
  let stalled = false;
  let held = false;
  let prunedBefore = 0;

  const refOf = (number: number): BlockRef => ({ number, hash: hashOf(number), seenAtMs: number * 1_000 });

  function seal(number: number): void {
    if (!held) for (const waiting of pool) include(waiting, number);
    states.set(hashOf(number), newest);
    head = refOf(number);
    events.emit('head', head);
    if (stalled) return;
    const upTo = number - finalityLag;
    for (let next = finalized ? finalized.number + 1 : Math.max(0, upTo); next <= upTo; next++) {
      finalized = refOf(next);
      events.emit('finalized', finalized);
      events.emit('snapshot', snapshotOf(finalized));
      settle(next);
    }
  }

  function include(waiting: Waiting, block: number): void {
    const { call, signer, hash, lastBlock } = waiting;
    if (waiting.included || (lastBlock !== null && block > lastBlock)) return;
    try {
      const after = applyCall(newest, rules, { call, signer, block });
      const effect = effectIn(newest, after, call, signer);
      newest = after;
      waiting.included = {
        block,
        fate: { kind: 'finalized', hash, block, blockHash: hashOf(block), effect },
      };
    } catch (thrown) {
      if (!(thrown instanceof FakeRefusal)) throw thrown;
      const { module, error } = thrown;
      waiting.included = { block, fate: { kind: 'refused', hash, module, error, block } };
    }
  }

  /** Tells the fate of everything that this final block decides. */
  function settle(block: number): void {
    for (const { included, lastBlock, hash, done } of pool) {
      if (included && included.block <= block) done(included.fate);
      else if (!included && lastBlock !== null && lastBlock <= block) done({ kind: 'expired', hash });
    }
    pool = pool.filter(({ included, lastBlock }) =>
      included ? included.block > block : lastBlock === null || lastBlock > block,
    );
  }

  function snapshotOf(block: BlockRef): SubnetSnapshot {
    const { neurons, firstEmissionBlock } = states.get(block.hash) ?? genesis;
    const subnet = { ...rules.subnet, firstEmissionBlock, neurons: neurons.length };
    return { block, subnet, neurons, alphaPriceRao: rules.alphaPriceRao };
  }

  /** The state that a read sees; null is the newest final block. */
  async function stateAt(at: Hex | null, signal: AbortSignal): Promise<FakeState> {
    if (signal.aborted) throw new AppError('CANCELLED');
    const hash = at ?? finalized?.hash ?? hashOf(0);
    const state = states.get(hash) ?? (at === null ? genesis : undefined);
    if (!state || Number.parseInt(hash, 16) < prunedBefore)
      throw new AppError('CHAIN_REFUSED', { module: 'node', error: 'no state of that block' });
    return state;
  }

  async function submit(
    call: ChainCall,
    signer: { readonly address: Ss58; sign(payload: Uint8Array): Promise<Uint8Array> },
    signal: AbortSignal,
    { lastBlock = null }: { readonly lastBlock?: SubmitOptions['lastBlock'] | null } = {},
  ): Promise<TxFate> {
    if (signal.aborted) throw new AppError('CANCELLED');
    if (call.kind === 'burnedRegister' && rules.subnet.burnRao > call.limitRao) {
      const error = 'RegistrationPriceLimitExceeded';
      return { kind: 'refused', hash: null, block: null, module: 'SubtensorModule', error };
    }
    if (lastBlock !== null && head && lastBlock <= head.number)
      throw new AppError('CHAIN_TOO_LATE', { lastBlock, head: head.number });
    await signer.sign(new TextEncoder().encode(call.kind));
    if (signal.aborted) throw new AppError('CANCELLED');
    submitted.push(call);
    const hash = txHash(submitted.length);
    return new Promise((done) => {
      pool.push({ call, signer: signer.address, hash, lastBlock, included: null, done });
      // It is on its way: whoever stops waiting knows nothing of it.
      signal.addEventListener('abort', () => done({ kind: 'unknown', hash, block: null }), { once: true });
    });
  }

  return {
    endpoint: 'fake',
    genesisHash: hashOf(0),
    netuid: 38,
    connected: true,
    foreign: null,
    silentSinceMs: null,
    submitted,
    submit,
    get weights() {
      return newest.weights;
    },
    get head() {
      return head;
    },
    get finalized() {
      return finalized;
    },
    get snapshot() {
      return finalized && snapshotOf(finalized);
    },
    on: events.on,
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
    setStake(hotkey, stakeAlpha) {
      const neurons = newest.neurons.map((one) => (one.hotkey === hotkey ? { ...one, stakeAlpha } : one));
      newest = { ...newest, neurons };
    },
    setAlphaPrice(price) {
      rules = { ...rules, alphaPriceRao: price };
    },
    handOver(uid, hotkey) {
      const registeredAt = (head?.number ?? 0) + 1;
      const neurons = newest.neurons.map((one) =>
        one.uid === uid ? neuronOf({ hotkey, registeredAt }, uid) : one,
      );
      newest = { ...newest, neurons };
    },
    async blockHash(block, signal) {
      if (signal.aborted) throw new AppError('CANCELLED');
      if (block > (head?.number ?? 0))
        throw new AppError('CHAIN_ANSWER_MALFORMED', { what: `block ${block}` });
      return hashOf(block);
    },
    async subnet(at, signal) {
      const { firstEmissionBlock, neurons } = await stateAt(at, signal);
      return { ...rules.subnet, firstEmissionBlock, neurons: neurons.length };
    },
    metagraph: async (at, signal) => (await stateAt(at, signal)).neurons,
    async commitments(hotkeys, at, signal) {
      const { slots } = await stateAt(at, signal);
      return new Map([...slots].filter(([hotkey]) => hotkeys.includes(hotkey)));
    },
    async axons(hotkeys, at, signal) {
      const { axons } = await stateAt(at, signal);
      return new Map([...axons].filter(([hotkey]) => hotkeys.includes(hotkey)));
    },
    balance: async (account, at, signal) => rao((await stateAt(at, signal)).freeRao.get(account) ?? 0n),
    stake: async (hotkey, coldkey, at, signal) =>
      (await stateAt(at, signal)).stakes.get(stakeKey(hotkey, coldkey)) ?? alphaRao(0n),
    async alphaPrice(at, signal) {
      await stateAt(at, signal);
      return rules.alphaPriceRao;
    },
    async stakeQuote(amountRao, at, signal) {
      await stateAt(at, signal);
      return stakeQuoteOf(rules, amountRao);
    },
    async commitTerms(hotkey, signal) {
      if (!rules.subnet.commitReveal)
        throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'Drand.BeaconConfig' });
      await stateAt(null, signal);
      const block = head?.number ?? 0;
      const clock = { netuid: 38, tempo: rules.subnet.tempo, lastEpochBlock: null };
      const reveal = {
        ...{ block, netuid: 38, tempo: rules.subnet.tempo, periodEpochs: 1, isByNumber: true },
        nextEpochBlock: nextIndexBlock(block, clock) ?? 0,
        ...{ timeMs: FAKE_GENESIS_MS + block * FAKE_BLOCK_MS, blockMs: FAKE_BLOCK_MS },
        beacon: { genesisS: FAKE_GENESIS_MS / 1_000, periodS: 3 },
      };
      const pending = newest.commits.get(hotkey) ?? [];
      const epochBlock = firstIndexBlock(reveal.nextEpochBlock, clock);
      const publicKey = beaconKeyOf(FAKE_BEACON);
      return { kind: 'timelocked', reveal, epochBlock, publicKey, versionKey: 0, pending };
    },
    async hashTerms() {
      throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'SubtensorModule.reveal_weights' });
    },
    async incentivesPaid(at, signal) {
      await stateAt(at, signal);
      return null;
    },
  };
}
