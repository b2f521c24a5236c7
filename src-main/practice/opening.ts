import { withLimit } from '../../src-node/waits.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import { identityIn } from '../../src-shared/rounds/identity-field.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { JOIN_READ_LIMIT_MS, JOIN_TX_LIMIT_MS } from '../join/limits.ts';
import type { Signer } from '../network/chain.ts';
import type { Run } from '../runs/work.ts';

export interface Opening {
  /** Resolves when the chain pays and rounds count. */
  readonly opened: Promise<void>;
  stop(): void;
}

export interface OpeningOptions {
  readonly run: Run;
  readonly owner: Signer;
  readonly miners: readonly Ss58[];
  readonly witness: Ss58;
  /** Miners that must have said on chain that they are there. */
  readonly minersNeeded: number;
  progress(readyMiners: number): void;
  log(line: string): void;
  readonly signal: AbortSignal;
}

/**
 * Starts the subnet's emission, and with it the round clock, once enough miners and the witness have written their
 * identity on chain: the owner's one act in a practice. Looks at each finalized block; does nothing where it is done.
 */
export function openWhenReady(options: OpeningOptions): Opening {
  const { run, miners, witness, signal } = options;
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  let looking = false;
  let over = false;

  async function look(): Promise<void> {
    const limit = withLimit(signal, JOIN_READ_LIMIT_MS);
    const { firstEmissionBlock } = await run.chain.subnet(null, limit);
    if (firstEmissionBlock !== null) return finish();
    const slots = await run.chain.commitments([...miners, witness], null, limit);
    const present = (hotkey: Ss58) =>
      identityIn(slots.get(hotkey)?.fields ?? [], runTagOf(run.profileHash)) !== null;
    const ready = miners.filter(present).length;
    options.progress(ready);
    if (ready < options.minersNeeded || !present(witness)) return;
    const txLimit = withLimit(signal, JOIN_TX_LIMIT_MS);
    const fate = await run.chain.submit({ kind: 'startCall' }, options.owner, txLimit);
    if (fate.kind === 'finalized') finish();
    else options.log(`the owner's start call was ${fate.kind}`);
  }

  function finish(): void {
    over = true;
    off();
    resolve();
  }

  const off = run.chain.on('finalized', () => {
    if (looking || over) return;
    looking = true;
    look()
      .catch((error: unknown) => signal.aborted || options.log(`waiting for the miners: ${error}`))
      .finally(() => {
        looking = false;
      });
  });
  return { opened, stop: off };
}
