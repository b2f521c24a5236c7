import type { HouseRules } from './house-rules.ts';
import { COOL_FOR_MS, COOLER_CELSIUS, OVER_AFTER_MS, UNTOLD_LAPSE_MS } from './limits.ts';
import { type HouseReason, type HouseRest, houseReasons } from './reasons.ts';
import type { DeskSignals } from './signals.ts';
import { hourOfDay, nextChange, type WallHour } from './wall-clock.ts';

/** What one look found. `null` is never a no: nobody here can tell. */
export interface Readings {
  readonly signals: DeskSignals;
  /** Those of the listed programs that run. */
  readonly apps: readonly string[] | null;
  /** Each card's temperature; 'unread' while nothing works, for sensors rest too. */
  readonly cards: readonly { readonly name: string; readonly celsius: number }[] | null | 'unread';
}

export interface RuleTime {
  /** A clock that never goes back, in ms: it measures how long something lasts. */
  readonly atMs: number;
  /** Unix time in ms as far as it is known: it may be wrong, and jump either way. */
  readonly wallMs: number;
  readonly wallHour: WallHour;
}

/** What a rule says at this look: rests with what fills its sentence, works, knows nothing, or was not chosen. */
type Word = { readonly rests: HouseRest['params'] } | 'works' | 'unknown' | 'off';
type RuleWord = 'rests' | 'works' | 'unknown' | 'off';

/** A rest that holds. `endedMs`: since when its cause is gone or untold; null while it is there. */
interface Hold {
  readonly params: HouseRest['params'];
  readonly endedMs: number | null;
}

/** What is remembered from one look to the next, so that nothing flaps. */
export type Holds = ReadonlyMap<HouseReason, Hold>;
export const noHolds: Holds = new Map();

export interface Judged {
  readonly holds: Holds;
  /** null: it may work. */
  readonly rest: HouseRest | null;
  /** What each rule says, for whoever wants to know why. */
  readonly words: Readonly<Record<HouseReason, RuleWord>>;
  /** When hours or prices have it rest next; null while it rests, and where they never do. */
  readonly restsFromMs: number | null;
}

/** Judges one look. Pure: the same rules, readings, times and holds give the same. */
export function judge(rules: HouseRules, readings: Readings, time: RuleTime, before: Holds): Judged {
  const holds = new Map<HouseReason, Hold>();
  const words = {} as Record<HouseReason, RuleWord>;
  for (const reason of houseReasons) {
    const held = before.get(reason) ?? null;
    const word = wordOf[reason](rules, readings, time, held !== null);
    const hold = holdAfter(reason, word, held, time.atMs);
    if (hold) holds.set(reason, hold);
    words[reason] = hold ? 'rests' : typeof word === 'string' ? word : 'rests';
  }
  const [first] = holds;
  const goesByClock = rules.hours !== null || rules.price !== null;
  const change = goesByClock
    ? nextChange(time.wallMs, time.wallHour, (hour) => clockAllows(rules, hour))
    : null;
  const isByClock = first?.[0] === 'hours' || first?.[0] === 'price';
  return {
    holds,
    rest: first ? { reason: first[0], params: first[1].params, untilMs: isByClock ? change : null } : null,
    words,
    restsFromMs: first ? null : change,
  };
}

const clockAllows = (rules: HouseRules, hour: number): boolean =>
  mayByHours(rules, hour) && mayByPrice(rules, hour);
const mayByHours = ({ hours }: HouseRules, hour: number): boolean => hours?.[hour] ?? true;
const mayByPrice = ({ price }: HouseRules, hour: number): boolean =>
  !price || (price.prices[hourOfDay(hour)] ?? 0) <= price.most;

/** How long a cause has to be gone before its rest ends: clocks are sure, what people do is not. */
const overAfterMs: Readonly<Record<HouseReason, number>> = {
  suspended: 0,
  hours: 0,
  price: 0,
  battery: OVER_AFTER_MS,
  temperature: COOL_FOR_MS,
  app: OVER_AFTER_MS,
  'full-screen': OVER_AFTER_MS,
  'in-use': 0,
};

function holdAfter(reason: HouseReason, word: Word, held: Hold | null, atMs: number): Hold | null {
  if (typeof word === 'object') return { params: word.rests, endedMs: null };
  if (!held || word === 'off') return null;
  const endedMs = held.endedMs ?? atMs;
  const patienceMs = word === 'unknown' ? UNTOLD_LAPSE_MS : overAfterMs[reason];
  return atMs - endedMs >= patienceMs ? null : { ...held, endedMs };
}

type SaysWord = (rules: HouseRules, readings: Readings, time: RuleTime, isHeld: boolean) => Word;

const rests = (params: HouseRest['params'] = {}): Word => ({ rests: params });
const ofSignal = (signal: boolean | null): Word => (signal === null ? 'unknown' : signal ? rests() : 'works');

const wordOf: Readonly<Record<HouseReason, SaysWord>> = {
  suspended: (_rules, { signals }) => ofSignal(signals.isSuspended),
  hours: (rules, _readings, { wallMs, wallHour }) =>
    !rules.hours ? 'off' : mayByHours(rules, wallHour(wallMs)) ? 'works' : rests(),
  price: (rules, _readings, { wallMs, wallHour }) => {
    const hour = wallHour(wallMs);
    if (!rules.price) return 'off';
    const price = rules.price.prices[hourOfDay(hour)] ?? 0;
    return mayByPrice(rules, hour) ? 'works' : rests({ price, most: rules.price.most });
  },
  battery: ({ restsOnBattery }, { signals }) => (restsOnBattery ? ofSignal(signals.onBattery) : 'off'),
  temperature: ({ celsius: most }, { cards }, _time, isHeld) => {
    if (most === null) return 'off';
    if (cards === 'unread') return 'works';
    if (!cards || cards.length === 0) return 'unknown';
    // A whole degree of cooling in between is no end of the heat.
    const tooHot = cards.find(({ celsius }) => (isHeld ? celsius > most - COOLER_CELSIUS : celsius >= most));
    return tooHot ? rests({ card: tooHot.name, celsius: Math.round(tooHot.celsius), most }) : 'works';
  },
  app: ({ apps: listed }, { apps }) => {
    if (listed.length === 0) return 'off';
    return apps === null ? 'unknown' : apps[0] === undefined ? 'works' : rests({ app: apps[0] });
  },
  'full-screen': ({ restsInFullScreen }, { signals }) =>
    restsInFullScreen ? ofSignal(signals.isFullScreen) : 'off',
  'in-use': ({ idleMinutes }, { signals: { idleSeconds, isLocked } }) => {
    if (idleMinutes === null) return 'off';
    if (isLocked) return 'works';
    return idleSeconds === null ? 'unknown' : idleSeconds < idleMinutes * 60 ? rests() : 'works';
  },
};
