import { type Figure, figure } from '../report/figures.ts';
import { driftOf } from './drift-run.ts';

const STEPS = 1_000;

/** Booked less the change of the stake, over random epochs and operations, while the host that books them is killed. */
export async function ledgerDriftRao(): Promise<Figure> {
  const { steps, epochs, moves, kills, driftRao, minerRestRao } = await driftOf(STEPS, 38);
  const seen = `${steps} steps, ${epochs} epochs and ${moves} moves of 3 hotkeys booked, ${kills} kills; ${minerRestRao} rao at most left over in an epoch of a miner`;
  return figure('ledger-drift-rao', Number(driftRao), 'rao', { floor: 0, seen });
}
