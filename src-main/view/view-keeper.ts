import { isDeepStrictEqual } from 'node:util';
import type { UiApi } from '../../src-shared/contract/page/api.ts';
import type { AppFacts } from '../../src-shared/contract/page/app.ts';
import type { RunFacts } from '../../src-shared/contract/page/runs.ts';
import {
  applyPatch,
  emptyRun,
  emptyView,
  type HostSections,
  joinPatches,
  type RunId,
  type RunSections,
  type RunView,
  type View,
  type ViewPatch,
} from '../../src-shared/contract/page/sections.ts';

/** The page is told of changes at most this often: each time costs it a layout, and numbers are not read faster. */
export const VIEW_EVERY_MS = 1_000;
/** While parts of a round travel, their picture moves twice a second. */
export const VIEW_MOVING_MS = 500;

export interface ViewPace {
  readonly everyMs: number;
  readonly movingMs: number;
}

/**
 * Keeps the one View and tells every connected page what changed, in batches: only sections whose value differs from
 * what they held. Nothing is sent while no page is connected, and no timer runs then.
 */
export class ViewKeeper {
  #view: View;
  readonly #pages = new Set<UiApi>();
  #pending: ViewPatch = {};
  #timer: NodeJS.Timeout | undefined;
  #flushAtMs = 0;
  readonly #pace: ViewPace;

  constructor(app: AppFacts, pace: ViewPace = { everyMs: VIEW_EVERY_MS, movingMs: VIEW_MOVING_MS }) {
    this.#view = emptyView(app);
    this.#pace = pace;
  }

  get view(): View {
    return this.#view;
  }

  /** null where there is no such run. */
  run(id: RunId): RunView | null {
    return this.#view.runs[id] ?? null;
  }

  update(sections: Partial<HostSections>): void {
    this.#tell(changedIn(this.#view, sections));
  }

  /** A run is there, with nothing known of it yet; one of the same id begins anew. */
  beginRun(id: RunId, facts: RunFacts): void {
    this.#tell({ runs: { [id]: emptyRun(facts) } });
  }

  /** Passed over for a run that is not there: what it did last may arrive after its end. */
  updateRun(id: RunId, sections: Partial<RunSections>): void {
    const run = this.run(id);
    if (!run) return;
    const changed = changedIn<RunSections>(run, sections);
    if (Object.keys(changed).length > 0) this.#tell({ runs: { [id]: changed } });
  }

  endRun(id: RunId): void {
    if (this.run(id)) this.#tell({ runs: { [id]: null } });
  }

  /** @returns what to call when the page is gone. */
  connect(page: UiApi): () => void {
    this.#pages.add(page);
    page.patch(this.#view);
    return () => {
      this.#pages.delete(page);
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#pages.clear();
  }

  #tell(patch: ViewPatch): void {
    if (Object.keys(patch).length === 0) return;
    this.#view = applyPatch(this.#view, patch);
    if (this.#pages.size === 0) return;
    this.#pending = joinPatches(this.#pending, patch);
    this.#flushWithin(isMoving(patch) ? this.#pace.movingMs : this.#pace.everyMs);
  }

  /** Sends what is pending after so long, or when it was to be sent anyway. */
  #flushWithin(waitMs: number): void {
    const atMs = performance.now() + waitMs;
    if (this.#timer && this.#flushAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#flushAtMs = atMs;
    this.#timer = setTimeout(() => this.#flush(), waitMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const patch = this.#pending;
    this.#pending = {};
    for (const page of this.#pages) page.patch(patch);
  }
}

const isMoving = ({ runs }: ViewPatch): boolean =>
  Object.values(runs ?? {}).some((run) => run?.round?.edges.some(({ state }) => state === 'moving'));

/** Of the sections given, those whose value is another one. */
function changedIn<Sections extends object>(
  before: Sections,
  sections: Partial<Sections>,
): Partial<Sections> {
  const changed = Object.entries(sections).filter(
    ([name, value]) => !isDeepStrictEqual(before[name as keyof Sections], value),
  );
  return Object.fromEntries(changed) as Partial<Sections>;
}
