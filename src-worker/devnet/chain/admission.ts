import { MAX_CALLS_PER_BLOCK } from '../limits.ts';
import { spendableRao } from '../runtime/balances.ts';
import { feeOf, totalFee } from '../runtime/fees.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../runtime/store.ts';
import { hotkeyExists } from '../runtime/subtensor/stake.ts';
import { systemStorage } from '../runtime/system.ts';
import type { Blocks } from './blocks.ts';
import { birthBlock, decodeExtrinsic, type Extrinsic, isSignedBy } from './extrinsic.ts';
import { refusals } from './refusal.ts';
import type { States } from './states.ts';

/** A transaction whose signature holds, and the nonce that its account had. */
export interface Verified {
  readonly extrinsic: Extrinsic;
  readonly nonce: number;
}

/** Who is let in: a transaction that the block after a given one could take. */
export class Admission {
  readonly #states: States;
  readonly #blocks: Blocks;

  constructor(states: States, blocks: Blocks) {
    this.#states = states;
    this.#blocks = blocks;
  }

  /**
   * The cheap checks first, the signature last.
   * @param expected what else must hold, before the signature is looked at
   * @throws {Refusal}
   */
  verify(bytes: Uint8Array, block: number, expected: (decoded: Extrinsic) => void = () => {}): Verified {
    const runtime = this.#states.runtimeAt(block);
    const decoded = decode(runtime, bytes);
    if (runtime.callCount(decoded.call) > MAX_CALLS_PER_BLOCK) throw refusals.exhausts();
    expected(decoded);
    const store = this.#states.storeAt(block);
    const { nonce } = store.get(systemStorage.Account, decoded.signer);
    if (decoded.nonce < nonce) throw refusals.outdated();
    checkMeans(runtime, decoded, store);
    const genesis = this.#blocks.hashOf(0) ?? '';
    const birth = birthOf(decoded, this.#blocks, block);
    if (!isSignedBy(decoded, runtime.version, genesis, birth.hash)) throw refusals.badSignature();
    const { specVersion } = runtime.release;
    return { extrinsic: { ...decoded, lastBlock: birth.lastBlock, specVersion }, nonce };
  }
}

/** @throws {Refusal} for bytes that are no transaction, or one that only the block itself may make */
function decode(runtime: Runtime, bytes: Uint8Array): Extrinsic {
  let extrinsic: Extrinsic;
  try {
    extrinsic = decodeExtrinsic(bytes, runtime.codecs);
  } catch (thrown) {
    throw refusals.malformed(thrown instanceof Error ? thrown.message : 'undecodable');
  }
  if (runtime.rule(extrinsic.call).inherent) throw refusals.callNotExpected();
  return extrinsic;
}

/**
 * Free calls are made by hotkeys that hold nothing, and by nobody else: each signer leaves a row behind for ever.
 * @throws {Refusal} when fee and tip are more than the signer may spend, and for a free call of one whom the chain does
 * not know.
 */
export function checkMeans(runtime: Runtime, { call, tipRao, bytes, signer }: Extrinsic, store: Store): void {
  const fee = totalFee(feeOf(runtime.refTime(call), bytes.length, runtime.pays(call))) + tipRao;
  if (fee > 0n && spendableRao(store, signer) < fee) throw refusals.cannotPay();
  if (fee === 0n && !isKnown(store, signer)) throw refusals.cannotPay();
}

/** The block that a transaction's era counts from, as the block after `block` sees it. @throws {Refusal} */
function birthOf(
  { era }: Extrinsic,
  blocks: Blocks,
  block: number,
): { readonly hash: string; readonly lastBlock: number } {
  if (!era) return { hash: blocks.hashOf(0) ?? '', lastBlock: Number.POSITIVE_INFINITY };
  const building = block + 1;
  const birth = birthBlock(era, building);
  const hash = birth <= block && building < birth + era.period ? blocks.hashOf(birth) : null;
  if (hash === null) throw refusals.ancientBirthBlock();
  return { hash, lastBlock: birth + era.period - 1 };
}

function isKnown(store: Store, account: string): boolean {
  const { providers, sufficients } = store.get(systemStorage.Account, account);
  return providers + sufficients > 0 || hotkeyExists(store, account);
}
