import type {
  Axon,
  CallEffect,
  CallOf,
  ChainCall,
  Commitment,
  Neuron,
  StakeQuote,
  SubnetFacts,
  TimelockTerms,
} from '../../src-main/network/chain.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import {
  type AlphaRao,
  alphaRao,
  RAO_PER_TAO,
  type Rao,
  rao,
  type Ss58,
  ss58,
} from '../../src-shared/units.ts';

/** The state of the fake chain after a block; never changed, always replaced. */
export interface FakeState {
  readonly neurons: readonly Neuron[];
  readonly slots: ReadonlyMap<Ss58, Commitment>;
  readonly axons: ReadonlyMap<Ss58, Axon>;
  /** Commits that no epoch has opened yet, the newest first. */
  readonly commits: ReadonlyMap<Ss58, TimelockTerms['pending']>;
  readonly weights: ReadonlyMap<Ss58, readonly { readonly uid: number; readonly weight: number }[]>;
  readonly freeRao: ReadonlyMap<Ss58, bigint>;
  /** By "hotkey coldkey". */
  readonly stakes: ReadonlyMap<string, AlphaRao>;
  readonly firstEmissionBlock: number | null;
}

export interface FakeRules {
  readonly subnet: SubnetFacts;
  readonly alphaPriceRao: Rao | null;
  /** TAO in the pool; null: so deep that no order moves the price. */
  readonly poolTaoRao: Rao | null;
}

/** By constant product and without a fee; the pool is as before afterwards. Null without a price. */
export function stakeQuoteOf({ alphaPriceRao, poolTaoRao }: FakeRules, amountRao: Rao): StakeQuote | null {
  if (alphaPriceRao === null) return null;
  const flat = (amountRao * RAO_PER_TAO) / alphaPriceRao;
  if (poolTaoRao === null) return { alpha: alphaRao(flat), priceAfterRao: alphaPriceRao };
  const after = poolTaoRao + amountRao;
  return {
    alpha: alphaRao((flat * poolTaoRao) / after),
    priceAfterRao: rao((alphaPriceRao * after * after) / (poolTaoRao * poolTaoRao)),
  };
}

/** Why the chain refuses a call, by the chain's own names. */
export class FakeRefusal extends Error {
  readonly module: string;
  readonly error: string;

  constructor(error: string, module = 'SubtensorModule') {
    super(error);
    this.module = module;
    this.error = error;
  }
}

export const stakeKey = (hotkey: Ss58, coldkey: Ss58): string => `${hotkey} ${coldkey}`;

export function neuronOf(neuron: Partial<Neuron>, uid: number): Neuron {
  const hotkey = neuron.hotkey ?? ss58(`hotkey ${uid}`);
  return {
    uid,
    hotkey,
    // Shaped like an address wherever the hotkey is.
    coldkey: ss58(`5cd${hotkey.slice(1)}`.slice(0, 48)),
    validatorPermit: false,
    active: true,
    registeredAt: 0,
    lastUpdate: 0,
    incentive: 0,
    dividends: 0,
    consensus: 0,
    trust: null,
    emissionAlpha: alphaRao(0n),
    stakeAlpha: alphaRao(0n),
    ...neuron,
  };
}

/** @returns the state with the call done. @throws {FakeRefusal} */
export function applyCall(
  state: FakeState,
  rules: FakeRules,
  { call, signer, block }: { readonly call: ChainCall; readonly signer: Ss58; readonly block: number },
): FakeState {
  const self = state.neurons.find(({ hotkey }) => hotkey === signer);
  switch (call.kind) {
    case 'burnedRegister':
      return register(state, rules, { hotkey: call.hotkey, coldkey: signer, block });
    case 'addStakeLimit':
      return addStake(state, rules, call, signer);
    case 'setCommitment':
      if (!self) throw new FakeRefusal('AccountNotAllowedCommit', 'Commitments');
      return { ...state, slots: new Map(state.slots).set(signer, { block, fields: call.fields }) };
    case 'setWeights':
      if (rules.subnet.commitReveal) throw new FakeRefusal('CommitRevealEnabled');
      return setWeights(state, rules, call.weights, { self, block });
    case 'commitWeights': {
      if (!rules.subnet.commitReveal) throw new FakeRefusal('CommitRevealDisabled');
      const before = state.commits.get(signer) ?? [];
      const commits = [{ block, round: call.revealRound }, ...before];
      return { ...state, commits: new Map(state.commits).set(signer, commits) };
    }
    case 'serveAxon':
      if (!self) throw new FakeRefusal('HotKeyNotRegisteredInSubNet');
      return { ...state, axons: new Map(state.axons).set(signer, { ip: call.ip, port: call.port }) };
    case 'startCall':
      if (signer !== rules.subnet.ownerColdkey) throw new FakeRefusal('NotSubnetOwner');
      if (state.firstEmissionBlock !== null) throw new FakeRefusal('FirstEmissionBlockNumberAlreadySet');
      return { ...state, firstEmissionBlock: block + 1 };
    default:
      // As a runtime of another age would: it has no such call.
      throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: call.kind });
  }
}

/** What the events of a real chain would say that the call did. */
export function effectIn(before: FakeState, after: FakeState, call: ChainCall, signer: Ss58): CallEffect {
  if (call.kind === 'burnedRegister') return { kind: 'registered', uid: after.neurons.length - 1 };
  if (call.kind !== 'addStakeLimit') return { kind: 'done' };
  const key = stakeKey(call.hotkey, signer);
  const alpha = alphaRao((after.stakes.get(key) ?? 0n) - (before.stakes.get(key) ?? 0n));
  return { kind: 'staked', taoRao: call.amountRao, alpha, fee: 0n };
}

function register(
  state: FakeState,
  { subnet }: FakeRules,
  { hotkey, coldkey, block }: { readonly hotkey: Ss58; readonly coldkey: Ss58; readonly block: number },
): FakeState {
  if (state.neurons.some((neuron) => neuron.hotkey === hotkey))
    throw new FakeRefusal('HotKeyAlreadyRegisteredInSubNet');
  const neuron = neuronOf({ hotkey, coldkey, registeredAt: block, lastUpdate: block }, state.neurons.length);
  return { ...spend(state, coldkey, subnet.burnRao), neurons: [...state.neurons, neuron] };
}

function addStake(
  state: FakeState,
  rules: FakeRules,
  order: CallOf<'addStakeLimit'>,
  coldkey: Ss58,
): FakeState {
  const quote = stakeQuoteOf(rules, order.amountRao);
  const { alphaPriceRao } = rules;
  if (state.firstEmissionBlock === null || !quote || alphaPriceRao === null)
    throw new FakeRefusal('SubtokenDisabled');
  if (!state.neurons.some(({ hotkey }) => hotkey === order.hotkey))
    throw new FakeRefusal('HotKeyAccountNotExists');
  if (order.limitPriceRao < alphaPriceRao) throw new FakeRefusal('ZeroMaxStakeAmount');
  if (order.limitPriceRao < quote.priceAfterRao) throw new FakeRefusal('SlippageTooHigh');
  const key = stakeKey(order.hotkey, coldkey);
  const stakes = new Map(state.stakes).set(key, alphaRao((state.stakes.get(key) ?? 0n) + quote.alpha));
  return { ...spend(state, coldkey, order.amountRao), stakes };
}

/** uid 0 is the subnet owner's and needs no permit. */
function setWeights(
  state: FakeState,
  { subnet }: FakeRules,
  weights: readonly { readonly uid: number; readonly weight: number }[],
  { self, block }: { readonly self: Neuron | undefined; readonly block: number },
): FakeState {
  if (!self) throw new FakeRefusal('HotKeyNotRegisteredInSubNet');
  const { lastUpdate, uid, hotkey } = self;
  if (lastUpdate !== 0 && block - lastUpdate < subnet.weightsSetRateLimit)
    throw new FakeRefusal('SettingWeightsTooFast');
  const isSelfOnly = weights.length === 1 && weights[0]?.uid === uid;
  if (uid !== 0 && !isSelfOnly && !self.validatorPermit) throw new FakeRefusal('NeuronNoValidatorPermit');
  if (weights.some((vote) => vote.uid >= state.neurons.length))
    throw new FakeRefusal('UidVecContainInvalidOne');
  return {
    ...state,
    weights: new Map(state.weights).set(hotkey, weights),
    neurons: state.neurons.map((neuron) => (neuron === self ? { ...neuron, lastUpdate: block } : neuron)),
  };
}

function spend(state: FakeState, account: Ss58, amountRao: bigint): FakeState {
  const left = (state.freeRao.get(account) ?? 0n) - amountRao;
  if (left < 0n) throw new FakeRefusal('NotEnoughBalanceToStake');
  return { ...state, freeRao: new Map(state.freeRao).set(account, left) };
}
