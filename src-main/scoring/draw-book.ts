import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { address, count } from '../../src-shared/contract/fields.ts';
import type { CheckingCost } from '../../src-shared/contract/page/runs.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Checks } from '../../src-shared/scoring/checks.ts';
import { type Draws, withDraw } from '../../src-shared/scoring/honesty.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { costAfter, costToday, type Spent } from './check-cost.ts';
import { HOTKEYS_KEPT, SILENCES_FORGIVEN } from './limits.ts';

/** What looks at a hotkey's contributions came to. */
export interface DrawEntry {
  readonly hotkey: Ss58;
  readonly draws: Draws;
  /** Times in a row that it gave no contribution when it was drawn. */
  readonly silences: number;
  /** Round of the newest look or silence. */
  readonly round: number;
}

/**
 * What a validator's checks came to, by hotkey, so that a uid that changes hands takes nothing over. On the disk after
 * every look: a month of draws must outlive a restart.
 */
export interface DrawBook {
  of(hotkey: Ss58): Draws;
  /** Who gave nothing when it was last drawn, and is drawn again for it. */
  readonly owing: ReadonlySet<Ss58>;
  readonly cost: CheckingCost;
  /** A look came to this. A round looked at twice, by a restart, counts once. */
  draw(hotkey: Ss58, round: number, helped: boolean): Promise<void>;
  /**
   * It gave nothing: once and again a computer may have been away; whoever is silent more often in a row has not helped.
   * @returns whether it counted
   */
  silence(hotkey: Ss58, round: number): Promise<boolean>;
  spent(spent: Spent): void;
  /** Writes down what was spent. */
  keep(): Promise<void>;
}

const bookSchema = v.object({
  entries: v.pipe(
    v.array(
      v.object({
        hotkey: address,
        draws: v.pipe(v.array(v.boolean()), v.maxLength(256)),
        silences: count,
        round: count,
      }),
    ),
    v.maxLength(HOTKEYS_KEPT),
  ),
  cost: v.nullable(
    v.object({ sinceMs: count, computeMs: count, bytes: count, recomputed: count, looked: count }),
  ),
});

export async function openDrawBook(
  path: string,
  checks: Checks,
  { told, nowMs }: { told(error: CodedError): void; nowMs(): number },
): Promise<DrawBook> {
  const file = durableJson({ path, schema: bookSchema, told });
  const kept = await file.read();
  const entries = new Map<Ss58, DrawEntry>((kept?.entries ?? []).map((entry) => [entry.hotkey, entry]));
  let cost: CheckingCost | null = kept?.cost ?? null;

  const write = () => {
    const newest = [...entries.values()].slice(-HOTKEYS_KEPT);
    return file.write({ entries: newest.map((entry) => ({ ...entry, draws: [...entry.draws] })), cost });
  };

  function enter(entry: DrawEntry): Promise<void> {
    // The newest last: those that nobody has seen for longest are forgotten first.
    entries.delete(entry.hotkey);
    entries.set(entry.hotkey, entry);
    return write();
  }

  const before = (hotkey: Ss58): DrawEntry =>
    entries.get(hotkey) ?? { hotkey, draws: [], silences: 0, round: -1 };

  return {
    of: (hotkey) => before(hotkey).draws,
    get owing() {
      return new Set(
        [...entries.values()].filter(({ silences }) => silences > 0).map(({ hotkey }) => hotkey),
      );
    },
    get cost() {
      return costToday(cost, nowMs());
    },
    async draw(hotkey, round, helped) {
      const known = before(hotkey);
      if (round <= known.round) return;
      await enter({ hotkey, draws: withDraw(known.draws, helped, checks), silences: 0, round });
    },
    async silence(hotkey, round) {
      const known = before(hotkey);
      if (round <= known.round) return false;
      const silences = known.silences + 1;
      const counts = silences > SILENCES_FORGIVEN;
      const draws = counts ? withDraw(known.draws, false, checks) : known.draws;
      await enter({ hotkey, draws, silences, round });
      return counts;
    },
    spent(spent) {
      cost = costAfter(cost, spent, nowMs());
    },
    keep: write,
  };
}
