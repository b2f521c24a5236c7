import type { PauseReason } from './reasons.ts';

type Params = Readonly<Record<string, string | number>>;

/** Sentences by reason, for page, tray and terminal alike: why it rests, and what ends that where no clock does. */
const words: Readonly<Record<PauseReason, readonly [why: (params: Params) => string, ends: string]>> = {
  user: [() => 'You paused it.', 'Rests until you resume.'],
  suspended: [() => 'This computer goes to sleep.', 'Goes on by itself when it is awake.'],
  hours: [() => 'Your schedule has it rest at this hour.', 'No hour of the week is allowed.'],
  price: [
    ({ price, most }) => `Electricity costs ${price} now, and you allow ${most}.`,
    'No hour of the day is as cheap.',
  ],
  battery: [() => 'This computer runs on battery.', 'Goes on by itself on mains power.'],
  temperature: [
    ({ card, celsius, most }) => `${card} is at ${celsius} °C, and you allow ${most} °C.`,
    'Goes on by itself when it has cooled.',
  ],
  app: [({ app }) => `${app} is running.`, 'Goes on by itself soon after it ends.'],
  'full-screen': [() => 'A program fills the screen.', 'Goes on by itself soon after.'],
  'in-use': [
    () => 'Somebody uses this computer.',
    'Goes on by itself once nobody has touched it for as long as you chose.',
  ],
};

/** "This computer runs on battery." */
export const whyResting = (reason: PauseReason, params: Params = {}): string => words[reason][0](params);

/** A rest of a rule, or a person's pause. */
export interface Rest {
  readonly reason: PauseReason;
  readonly params?: Params;
  readonly untilMs: number | null;
}

/**
 * "Your schedule has it rest at this hour. Goes on by itself at 22:00."
 * @param timeOf how its reader writes a time of day
 */
export const restSentence = ({ reason, params, untilMs }: Rest, timeOf: (ms: number) => string): string =>
  `${whyResting(reason, params)} ${untilMs === null ? words[reason][1] : `Goes on by itself at ${timeOf(untilMs)}.`}`;
