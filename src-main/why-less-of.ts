import type { WhyLess } from '../src-shared/contract/page/why-less.ts';
import type { ScoreModel } from '../src-shared/profile/schema.ts';
import { whyLess } from '../src-shared/scoring/why-less.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { bareSummaryOf } from './runs/past.ts';
import type { KeptCards } from './scoring/kept-cards.ts';
import { HOST_SOURCE } from './store/rows.ts';
import type { Store } from './store/store.ts';
import { errorOf } from './view/told-events.ts';

/** Rows of each kind that are looked at: validators times terms times two rounds, and some days of notices. */
const ROWS = 500;
const OWN_ROUNDS = 64;

export interface AskedOf {
  readonly storeId: number;
  readonly hotkey: Ss58;
  readonly model: ScoreModel;
  /** null for a validator, of whom nobody's word is kept. */
  readonly cards: KeptCards | null;
}

/** Reads what this computer keeps of a hotkey, and sets it side by side. */
export async function whyLessOf(store: Store, { storeId, hotkey, model, cards }: AskedOf): Promise<WhyLess> {
  const [said, rows, texts] = await Promise.all([
    store.saidHistory(storeId, hotkey, ROWS),
    store.rounds(storeId, OWN_ROUNDS),
    cards?.all() ?? [],
  ]);
  const oldest = Math.min(...said.scores.map(({ atMs }) => atMs));
  const events = Number.isFinite(oldest) ? await store.events(oldest, ROWS) : [];
  const signed = new Set(texts.map(({ validator, round }) => `${validator} ${round}`));
  return whyLess({
    ...{ hotkey, model, said },
    rounds: rows.map(bareSummaryOf),
    told: events.flatMap((row) => {
      const error = row.source === hotkey || row.source === HOST_SOURCE ? errorOf(row) : null;
      return error ? [{ kind: 'told' as const, atMs: row.atMs, error }] : [];
    }),
    isSigned: (validator, round) => signed.has(`${validator} ${round}`),
  });
}
