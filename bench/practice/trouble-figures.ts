import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { type BusyRounds, roundsAfterLoad, roundsCommittedBusy } from './busy-rounds.ts';
import { clockBack } from './clock-back.ts';
import { canMount, diskFull } from './disk-full.ts';
import type { GoesOn } from './goes-on.ts';
import { journalFlip } from './journal-flip.ts';
import { ledgerGone } from './ledger-gone.ts';
import { restartGoesOn } from './restart-goes-on.ts';

/** What happens to people's computers while they practise, each as a figure of its own. */
export const troubleFigures: Readonly<Record<string, () => Promise<Figure>>> = {
  'rounds-committed-busy': () => rounds('rounds-committed-busy', { floor: 8, goal: 10 }, roundsCommittedBusy),
  'rounds-after-load': () => rounds('rounds-after-load', { floor: 9, goal: 10 }, roundsAfterLoad),
  'restart-goes-on': () => yesOrNo('restart-goes-on', restartGoesOn),
  'clock-back': () => yesOrNo('clock-back', clockBack),
  'disk-full': async () =>
    canMount()
      ? yesOrNo('disk-full', diskFull)
      : unmeasured('disk-full', '', 'a file system is mounted for it, as root on Linux', { floor: 1 }),
  'journal-flip': () => yesOrNo('journal-flip', journalFlip),
  'ledger-gone': () => yesOrNo('ledger-gone', ledgerGone),
};

async function yesOrNo(name: string, measure: (trouble: () => void) => Promise<GoesOn>): Promise<Figure> {
  let isInTrouble = false;
  try {
    const { goesOn, seen } = await measure(() => {
      isInTrouble = true;
    });
    return figure(name, goesOn ? 1 : 0, '', { floor: 1, seen });
  } catch (error) {
    // A practice that does not go on is what the figure is about; one that never came so far says nothing of it.
    if (!isInTrouble) return unmeasured(name, '', String(error), { floor: 1 });
    return figure(name, 0, '', { floor: 1, seen: String(error) });
  }
}

async function rounds(
  name: string,
  held: { readonly floor: number; readonly goal: number },
  measure: () => Promise<BusyRounds>,
): Promise<Figure> {
  const measured = await measure().catch(String);
  if (typeof measured === 'string') return unmeasured(name, '', measured, held);
  const { committed, of, paceIsBack } = measured;
  // Rounds that were bought with a chain that stays slow do not count.
  const isBought = paceIsBack === false;
  const seen = isBought
    ? `${committed}, but the chain did not get quick again: ${measured.seen}`
    : measured.seen;
  return figure(name, isBought ? 0 : committed, `of ${of}`, { ...held, seen });
}
