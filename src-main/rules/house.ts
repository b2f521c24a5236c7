import { pause } from '../../src-node/waits.ts';
import { freeHouse, type HouseView } from '../../src-shared/contract/page/house.ts';
import type { HouseRules } from '../../src-shared/rules/house-rules.ts';
import { type Judged, judge, noHolds, type Readings } from '../../src-shared/rules/judge.ts';
import { houseReasons } from '../../src-shared/rules/reasons.ts';
import type { DeskSignals } from '../../src-shared/rules/signals.ts';
import { localHour, type WallHour } from '../../src-shared/rules/wall-clock.ts';
import type { HeardDesk } from './desk.ts';
import { type DeskReader, type OwnSight, wantedBy } from './desk-reader.ts';
import { HOUSE_EVERY_MS, SUSPENDED_AT_MOST_MS } from './limits.ts';

export interface HouseOptions {
  rules(): HouseRules;
  readonly desk: HeardDesk;
  readonly reader: DeskReader;
  /** As sensors said last; see `Readings`. */
  cards(): Readings['cards'];
  /** A clock that stands still while this process does, in ms. */
  nowMs(): number;
  /** Unix time in ms, as right as it is known. */
  wallMs(): number;
  readonly wallHour?: WallHour;
  /** Called whenever what holds is another than before. */
  told(view: HouseView): void;
}

/** Keeps the rules of the house: looks while it is watched, judges, and tells what holds. */
export interface House {
  readonly view: HouseView;
  /** Looks at once where it watches: the rules are others than before. */
  look(): void;
  /** Whether anything depends on it: only then is anything looked at. */
  setWatched(isWatched: boolean): void;
  /** Lets it work whatever the rules say, for so many minutes; null: they hold again. */
  setAside(minutes: number | null): void;
  stop(): Promise<void>;
}

const unseen: OwnSight = { onBattery: null, isFullScreen: null, idleSeconds: null, apps: null };

export function openHouse(options: HouseOptions): House {
  const { desk, reader, nowMs, wallMs, wallHour = localHour } = options;
  let view = freeHouse;
  let holds = noHolds;
  let sight = unseen;
  /** Whether anybody has looked since it is watched: before that, nothing known is not the same as nothing to be known. */
  let isSeen = false;
  let wake = new AbortController();
  let suspendedAtMs: number | null = null;
  let aside: { readonly dueMs: number; readonly untilMs: number } | null = null;
  let watching: AbortController | null = null;
  let looking: Promise<void> = Promise.resolve();

  function judgeNow(): void {
    if (aside && (nowMs() >= aside.dueMs || wallMs() >= aside.untilMs)) aside = null;
    const signals = signalsOf(desk.told, sight, isSuspended());
    const readings = { signals, apps: sight.apps, cards: options.cards() };
    const judged = judge(options.rules(), readings, { atMs: nowMs(), wallMs: wallMs(), wallHour }, holds);
    ({ holds } = judged);
    tell(viewOf(judged, aside?.untilMs ?? null, isSeen));
  }

  /** A system may never say that its sleep has ended: who has worked for a while since then is awake. */
  function isSuspended(): boolean {
    suspendedAtMs = desk.told.isSuspended ? (suspendedAtMs ?? nowMs()) : null;
    return suspendedAtMs !== null && nowMs() - suspendedAtMs < SUSPENDED_AT_MOST_MS;
  }

  function tell(next: HouseView): void {
    if (JSON.stringify(next) === JSON.stringify(view)) return;
    view = next;
    options.told(view);
  }

  async function look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const rules = options.rules();
      const next = await reader.read(wantedBy(rules, desk.told), rules.apps, signal);
      if (signal.aborted) return;
      sight = next;
      isSeen = true;
      judgeNow();
      await pause(HOUSE_EVERY_MS, AbortSignal.any([signal, wake.signal]));
    }
  }

  function setWatched(isWatched: boolean): void {
    if (isWatched === (watching !== null)) return;
    watching?.abort();
    watching = isWatched ? new AbortController() : null;
    if (!watching) return;
    const { signal } = watching;
    // What was seen before nobody watched says nothing of now; clocks do.
    sight = unseen;
    isSeen = false;
    holds = noHolds;
    judgeNow();
    looking = looking.then(() => look(signal)).catch(() => undefined);
  }

  const off = desk.onChange(judgeNow);
  return {
    get view() {
      return view;
    },
    look() {
      wake.abort();
      wake = new AbortController();
    },
    setWatched,
    setAside(minutes) {
      const spanMs = (minutes ?? 0) * 60_000;
      aside = minutes === null ? null : { dueMs: nowMs() + spanMs, untilMs: wallMs() + spanMs };
      judgeNow();
    },
    async stop() {
      off();
      watching?.abort();
      await looking;
    },
  };
}

/** What a shell told goes before what this process sees. */
const signalsOf = (told: DeskSignals, sight: OwnSight, isSuspended: boolean): DeskSignals => ({
  onBattery: told.onBattery ?? sight.onBattery,
  isFullScreen: told.isFullScreen ?? sight.isFullScreen,
  isLocked: told.isLocked,
  idleSeconds: told.idleSeconds ?? sight.idleSeconds,
  isSuspended,
});

/** Nobody's word lets a card work through the moment in which its computer falls asleep. */
const viewOf = (
  { rest, words, restsFromMs }: Judged,
  asideUntilMs: number | null,
  isSeen: boolean,
): HouseView => ({
  rest: asideUntilMs === null || rest?.reason === 'suspended' ? rest : null,
  restsFromMs,
  asideUntilMs,
  untold: isSeen ? houseReasons.filter((reason) => words[reason] === 'unknown') : [],
});
