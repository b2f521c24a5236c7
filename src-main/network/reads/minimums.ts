import { type Hex, type Rao, rao } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, parse } from '../storage.ts';
import { readItems } from './items.ts';

/** How small an order, and what stays on somebody else's hotkey, may be on a chain. */
export interface OrderMinimums {
  /** The least that is staked, taken out in part, or moved, its fee not counted. */
  readonly leastRao: Rao;
  /** The chain says so itself; else it is what Subtensor has always held to. */
  readonly isTold: boolean;
  /** A stake on somebody else's hotkey that an order leaves with less is taken out whole; 0: none is. */
  readonly nominationRao: Rao;
}

/** The least that Subtensor has taken for an order, by all releases up to 425. */
export const USUAL_LEAST_RAO: Rao = rao(2_000_000n);

/** What the chain's factors are parts of. */
const PER_MILLION = 1_000_000n;

/**
 * Newer runtimes tell the least order as a constant: it changes with the runtime alone. `NominatorMinRequiredStake` is
 * no amount: it says how many millionths of the least order a nomination has to be worth.
 */
export async function readMinimums(session: Session, at: Hex, signal: AbortSignal): Promise<OrderMinimums> {
  const constants: Record<string, unknown> | undefined = session.api.consts.subtensorModule;
  const said = constants?.initialMinStake as { toString(): string } | undefined;
  const told = said ? parse(anyUint, said.toString()) : null;
  const leastRao = told === null ? USUAL_LEAST_RAO : rao(told);
  const { NominatorMinRequiredStake: factor } = await readItems(
    session,
    ['NominatorMinRequiredStake'],
    [],
    at,
    signal,
  );
  return {
    leastRao,
    isTold: told !== null,
    nominationRao: rao(factor == null ? 0n : (leastRao * parse(anyUint, factor)) / PER_MILLION),
  };
}
