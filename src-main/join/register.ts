import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { withLimit } from '../../src-node/waits.ts';
import { count, digest } from '../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { type Rao, type Ss58, taoText } from '../../src-shared/units.ts';
import type { Chain, Neuron, Signer, TxFate } from '../network/chain.ts';
import { maySpendOn } from '../network/known.ts';
import { JOIN_READ_LIMIT_MS, JOIN_TX_LIMIT_MS } from './limits.ts';

export interface Registration {
  readonly uid: number;
  readonly coldkey: Ss58;
}

export interface RegisterOptions {
  readonly chain: Pick<Chain, 'genesisHash' | 'netuid' | 'subnet' | 'metagraph' | 'submit'>;
  readonly hotkey: Ss58;
  /** null where the coldkey is not at hand. */
  readonly coldkey: Signer | null;
  /** Highest cost accepted, which is the consent; null pays nothing. */
  readonly limitRao: Rao | null;
  /** Given just now; an older one was for the first place, not for another after that was lost. */
  readonly isConsentFresh: boolean;
  /** Remembers that this hotkey had a place. */
  readonly dataDir: string;
  told(error: CodedError): void;
}

const placeSchema = v.object({ genesisHash: digest, netuid: count, uid: count });

/** The last place that a hotkey had, in the folder of its run. */
export const placeFile = (
  dataDir: string,
  told: (error: CodedError) => void,
): DurableJson<v.InferOutput<typeof placeSchema>> =>
  durableJson({ path: join(dataDir, 'registration.json'), schema: placeSchema, told });

/**
 * The hotkey's place on the subnet; registers it by burn where it has none and that was agreed to.
 * @throws {AppError} REGISTRATION_LOST, PLACE_GONE, HOTKEY_NOT_REGISTERED, REGISTRATION_NOT_AGREED, CHAIN_REFUSED, CHAIN_FATE_UNKNOWN
 */
export async function register(options: RegisterOptions, signal: AbortSignal): Promise<Registration> {
  const { chain, hotkey, coldkey, limitRao, isConsentFresh } = options;
  const { genesisHash, netuid } = chain;
  const file = placeFile(options.dataDir, options.told);
  const neurons = await chain.metagraph(null, withLimit(signal, JOIN_READ_LIMIT_MS));
  const known = neurons.find((one) => one.hotkey === hotkey);
  if (known) return settled(known);
  const earlier = await file.read();
  const hadPlace = earlier?.genesisHash === genesisHash && earlier.netuid === netuid;
  if (hadPlace && (limitRao === null || !isConsentFresh)) throw lost(neurons, earlier.uid, netuid);
  if (!coldkey || !maySpendOn(genesisHash)) throw new AppError('HOTKEY_NOT_REGISTERED', { hotkey, netuid });
  if (limitRao === null) {
    const { burnRao } = await chain.subnet(null, withLimit(signal, JOIN_READ_LIMIT_MS));
    throw new AppError('REGISTRATION_NOT_AGREED', { cost: taoText(burnRao) });
  }
  const call = { kind: 'burnedRegister', hotkey, limitRao } as const;
  const fate = await chain.submit(call, coldkey, withLimit(signal, JOIN_TX_LIMIT_MS));
  demandDone(fate, 'HotKeyAlreadyRegisteredInSubNet');
  // Asked in the block that holds the registration: our own view of the newest one may be a block behind.
  const at = fate.kind === 'finalized' ? fate.blockHash : null;
  const after = await chain.metagraph(at, withLimit(signal, JOIN_READ_LIMIT_MS));
  const neuron = after.find((one) => one.hotkey === hotkey);
  if (!neuron) throw new AppError('CHAIN_REFUSED', { module: 'SubtensorModule', error: 'NotRegistered' });
  return settled(neuron);

  async function settled({ uid, coldkey: owner }: Neuron): Promise<Registration> {
    await file.write({ genesisHash, netuid, uid });
    return { uid, coldkey: owner };
  }
}

/** Says who has the place now, and since when. */
function lost(neurons: readonly Neuron[], uid: number, netuid: number): AppError {
  const holder = neurons.find((one) => one.uid === uid);
  if (!holder) return new AppError('PLACE_GONE', { uid, netuid });
  return new AppError('REGISTRATION_LOST', {
    uid,
    netuid,
    holder: holder.hotkey,
    block: holder.registeredAt,
  });
}

function demandDone(fate: TxFate, accepted: string): void {
  if (fate.kind === 'finalized') return;
  if (fate.kind === 'unknown') throw new AppError('CHAIN_FATE_UNKNOWN', { hash: fate.hash });
  if (fate.kind === 'refused' && fate.error === accepted) return;
  const error = fate.kind === 'refused' ? fate.error : 'Expired';
  throw new AppError('CHAIN_REFUSED', { module: fate.kind === 'refused' ? fate.module : 'System', error });
}
