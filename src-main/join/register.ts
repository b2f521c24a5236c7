import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer, TxFate } from '../network/chain.ts';
import { JOIN_READ_LIMIT_MS, JOIN_TX_LIMIT_MS } from './limits.ts';

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
  const fate = await chain.submit(call, coldkey, withLimit(signal, JOIN_TX_LIMIT_MS));
  demandDone(fate, 'HotKeyAlreadyRegisteredInSubNet');
  // Asked in the block that holds the registration: our own view of the newest one may be a block behind.
  const uid = await uidOf(chain, hotkey, fate.kind === 'finalized' ? fate.blockHash : null, signal);
  if (uid === null)
    throw new AppError('CHAIN_REFUSED', { module: 'SubtensorModule', error: 'NotRegistered' });
  return uid;
}

async function uidOf(
  chain: Chain,
  hotkey: Ss58,
  at: Hex | null,
  signal: AbortSignal,
): Promise<number | null> {
  const neurons = await chain.metagraph(at, withLimit(signal, JOIN_READ_LIMIT_MS));
  return neurons.find((neuron) => neuron.hotkey === hotkey)?.uid ?? null;
}

function demandDone(fate: TxFate, accepted?: string): void {
  if (fate.kind === 'finalized') return;
  if (fate.kind === 'unknown') throw new AppError('CHAIN_FATE_UNKNOWN', { hash: fate.hash });
  if (fate.kind === 'refused' && fate.error === accepted) return;
  const error = fate.kind === 'refused' ? fate.error : 'Expired';
  throw new AppError('CHAIN_REFUSED', { module: fate.kind === 'refused' ? fate.module : 'System', error });
}
