import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Hex, type Rao, rao, type Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer, TxFate } from '../chain/chain.ts';
import { RUN_READ_LIMIT_MS, RUN_TX_LIMIT_MS } from './limits.ts';

/** Above the spot price a staker accepts this much, in per cent, before the call fails without exchange. */
const STAKE_TOLERANCE_PERCENT = 5n;

const within = (signal: AbortSignal, limitMs: number) =>
  AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);

/**
 * Registers the hotkey by burn unless it is registered already.
 * @param limitRao highest registration cost accepted
 * @returns the uid
 */
export async function ensureRegistered(
  chain: Chain,
  hotkey: Ss58,
  coldkey: Signer,
  limitRao: Rao,
  signal: AbortSignal,
): Promise<number> {
  const known = await uidOf(chain, hotkey, null, signal);
  if (known !== null) return known;
  const call = { kind: 'burnedRegister', hotkey, limitRao } as const;
  const fate = await chain.submit(call, coldkey, within(signal, RUN_TX_LIMIT_MS));
  demandDone(fate, 'HotKeyAlreadyRegisteredInSubNet');
  // Asked in the block that holds the registration: our own view of the newest one may be a block behind.
  const uid = await uidOf(chain, hotkey, fate.kind === 'finalized' ? fate.blockHash : null, signal);
  if (uid === null)
    throw new AppError('CHAIN_REFUSED', { module: 'SubtensorModule', error: 'NotRegistered' });
  return uid;
}

export interface StakeOnce {
  readonly chain: Chain;
  readonly hotkey: Ss58;
  readonly coldkey: Signer;
  readonly amountRao: Rao;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/**
 * Stakes once the subnet pays, and never twice: nothing is added where the coldkey holds stake on the hotkey, nor
 * after a transaction whose fate is not known. @returns a function that ends the waiting.
 */
export function stakeWhenOpen(options: StakeOnce): () => void {
  const { chain, hotkey, coldkey, amountRao, log, signal } = options;
  let looking = false;

  async function look(): Promise<void> {
    const { firstEmissionBlock } = await chain.subnet(null, within(signal, RUN_READ_LIMIT_MS));
    if (firstEmissionBlock === null) return;
    const held = await chain.stake(hotkey, coldkey.address, null, within(signal, RUN_READ_LIMIT_MS));
    if (held > 0n) return off();
    const price = await chain.alphaPrice(within(signal, RUN_READ_LIMIT_MS));
    // No quote is no price: an unlimited order is never the answer to that.
    if (price === null || price === 0n)
      throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'current_alpha_price' });
    off();
    const limitPriceRao = rao((price * (100n + STAKE_TOLERANCE_PERCENT)) / 100n);
    const call = { kind: 'addStakeLimit', hotkey, amountRao, limitPriceRao } as const;
    demandDone(await chain.submit(call, coldkey, within(signal, RUN_TX_LIMIT_MS)));
  }

  const off = chain.on('finalized', () => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => signal.aborted || log(`staking: ${error}`))
      .finally(() => {
        looking = false;
      });
  });
  return off;
}

async function uidOf(
  chain: Chain,
  hotkey: Ss58,
  at: Hex | null,
  signal: AbortSignal,
): Promise<number | null> {
  const neurons = await chain.metagraph(at, within(signal, RUN_READ_LIMIT_MS));
  return neurons.find((neuron) => neuron.hotkey === hotkey)?.uid ?? null;
}

function demandDone(fate: TxFate, accepted?: string): void {
  if (fate.kind === 'finalized') return;
  if (fate.kind === 'unknown') throw new AppError('CHAIN_FATE_UNKNOWN', { hash: fate.hash });
  if (fate.kind === 'refused' && fate.error === accepted) return;
  const error = fate.kind === 'refused' ? fate.error : 'Expired';
  throw new AppError('CHAIN_REFUSED', { module: fate.kind === 'refused' ? fate.module : 'System', error });
}
