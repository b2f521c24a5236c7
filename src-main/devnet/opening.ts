import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { identityIn } from '../../src-shared/rounds/identity-field.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { JOIN_READ_LIMIT_MS, JOIN_TX_LIMIT_MS } from '../join/limits.ts';
import type { Chain, Signer } from '../network/chain.ts';

export interface Opening {
  /** Resolves when the chain pays and rounds count. */
  readonly opened: Promise<void>;
  /** Opens whoever is there. @throws {AppError} CHAIN_REFUSED, or of a read */
  openNow(): Promise<void>;
  stop(): void;
}

/** Who has said on chain that it is there. */
export interface Present {
  readonly miners: number;
  readonly witness: boolean;
}

export interface OpeningOptions {
  readonly chain: Pick<Chain, 'on' | 'subnet' | 'commitments' | 'submit'>;
  /** Marks the identities of the run that is opened. */
  readonly runTag: Hex;
  readonly owner: Signer;
  readonly witness: Ss58;
  /** Where a round needs more than one. */
  readonly otherWitnesses?: readonly Ss58[];
  /** Miners that must have said on chain that they are there. */
  readonly minersNeeded: number;
  /** Hotkeys of all who may be miners, the witness not among them. */
  miners(signal: AbortSignal): Promise<readonly Ss58[]>;
  progress(present: Present): void;
  /** Done before the start call: what has to hold from the first round on. */
  prepare(signal: AbortSignal): Promise<void>;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/**
 * Starts the subnet's emission, and with it the round clock, once enough miners and the witness have written their
 * identity on chain: the owner's one act. Looks at each finalized block; does nothing where it is done.
 */
export function openWhenReady(options: OpeningOptions): Opening {
  const { chain, witness, signal } = options;
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  let looking = false;
  let over = false;

  async function isOpen(): Promise<boolean> {
    const { firstEmissionBlock } = await chain.subnet(null, withLimit(signal, JOIN_READ_LIMIT_MS));
    return firstEmissionBlock !== null;
  }

  async function present(): Promise<Present> {
    const limit = withLimit(signal, JOIN_READ_LIMIT_MS);
    const miners = await options.miners(limit);
    const witnesses = [witness, ...(options.otherWitnesses ?? [])];
    const slots = await chain.commitments([...miners, ...witnesses], null, limit);
    const isThere = (hotkey: Ss58) => identityIn(slots.get(hotkey)?.fields ?? [], options.runTag) !== null;
    return { miners: miners.filter(isThere).length, witness: witnesses.every(isThere) };
  }

  async function look(): Promise<void> {
    if (await isOpen()) return finish();
    const there = await present();
    options.progress(there);
    if (there.miners >= options.minersNeeded && there.witness) await openNow();
  }

  async function openNow(): Promise<void> {
    const limit = withLimit(signal, JOIN_TX_LIMIT_MS);
    await options.prepare(limit);
    const fate = await chain.submit({ kind: 'startCall' }, options.owner, limit);
    // A second start call is refused; what counts is that the subnet is open.
    if (fate.kind === 'finalized' || (await isOpen())) return finish();
    if (fate.kind === 'refused')
      throw new AppError('CHAIN_REFUSED', { module: fate.module, error: fate.error });
    throw new AppError('CHAIN_FATE_UNKNOWN', { hash: fate.hash });
  }

  function finish(): void {
    over = true;
    off();
    resolve();
  }

  const off = chain.on('finalized', () => {
    if (looking || over) return;
    looking = true;
    look()
      .catch((error: unknown) => signal.aborted || options.log(`waiting for the miners: ${error}`))
      .finally(() => {
        looking = false;
      });
  });
  return { opened, openNow, stop: off };
}
