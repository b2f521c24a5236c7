import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { address, count } from '../../src-shared/contract/fields.ts';
import type { CheckingCost } from '../../src-shared/contract/page/runs.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Checks } from '../../src-shared/scoring/checks.ts';
import { type Draws, withDraw } from '../../src-shared/scoring/honesty.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { costAfter, costToday, type Spent } from './check-cost.ts';
import { HARM_LOOKS, HOTKEYS_KEPT, SILENCES_FORGIVEN } from './limits.ts';

/** What looks at a hotkey's contributions came to. */
export interface DrawEntry {
  readonly hotkey: Ss58;
  readonly draws: Draws;
  /** Whether each of the newest looks found harm, the oldest first. */
  readonly harms: readonly boolean[];
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
  /** Who gave nothing when it was last drawn, or did harm lately, and is drawn again for it. */
  readonly owing: ReadonlySet<Ss58>;
  /** Who has not helped since a look found harm, or did harm in two of its newest `HARM_LOOKS` (docs/decisions/0104). */
  readonly harmful: ReadonlySet<Ss58>;
  readonly cost: CheckingCost;
  /** A look came to this. A round looked at twice, by a restart, counts once. */
  draw(
    hotkey: Ss58,
    round: number,
    found: { readonly helped: boolean; readonly harmed: boolean },
  ): Promise<void>;
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
        // Not there in a book of before.
        harms: v.optional(v.pipe(v.array(v.boolean()), v.maxLength(HARM_LOOKS)), []),
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
    return file.write({
      entries: newest.map((entry) => ({ ...entry, draws: [...entry.draws], harms: [...entry.harms] })),
      cost,
    });
  };

  function enter(entry: DrawEntry): Promise<void> {
    // The newest last: those that nobody has seen for longest are forgotten first.
    entries.delete(entry.hotkey);
    entries.set(entry.hotkey, entry);
    return write();
  }

  const before = (hotkey: Ss58): DrawEntry =>
    entries.get(hotkey) ?? { hotkey, draws: [], harms: [], silences: 0, round: -1 };

  const those = (which: (entry: DrawEntry) => boolean): ReadonlySet<Ss58> =>
    new Set([...entries.values()].filter(which).map(({ hotkey }) => hotkey));

  return {
    of: (hotkey) => before(hotkey).draws,
    get owing() {
      return those((entry) => entry.silences > 0 || isHarmful(entry));
    },
    get harmful() {
      return those(isHarmful);
    },
    get cost() {
      return costToday(cost, nowMs());
    },
    async draw(hotkey, round, { helped, harmed }) {
      const known = before(hotkey);
      if (round <= known.round) return;
      const draws = withDraw(known.draws, helped, checks);
      // Who did harm has to help before it counts again: a third of the looks at reversed work find no harm.
      const harms = withHarm(known, harmed || (!helped && isHarmful(known)));
      await enter({ hotkey, draws, harms, silences: 0, round });
    },
    async silence(hotkey, round) {
      const known = before(hotkey);
      if (round <= known.round) return false;
      const silences = known.silences + 1;
      const counts = silences > SILENCES_FORGIVEN;
      const draws = counts ? withDraw(known.draws, false, checks) : known.draws;
      const harms = counts ? withHarm(known, true) : known.harms;
      await enter({ hotkey, draws, harms, silences, round });
      return counts;
    },
    spent(spent) {
      cost = costAfter(cost, spent, nowMs());
    },
    keep: write,
  };
}

const withHarm = ({ harms }: DrawEntry, harmed: boolean): readonly boolean[] =>
  [...harms, harmed].slice(-HARM_LOOKS);

/** One such look may be chance, and the next one that helps ends it. */
const isHarmful = ({ harms }: DrawEntry): boolean =>
  harms.at(-1) === true || harms.filter(Boolean).length > 1;
