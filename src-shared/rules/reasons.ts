/** Why the house rests, in the order in which one of several is named: what lasts longest stands first. */
export const houseReasons = [
  'suspended',
  'hours',
  'price',
  'battery',
  'temperature',
  'app',
  'full-screen',
  'in-use',
] as const;
export type HouseReason = (typeof houseReasons)[number];

/** Why training rests: a person's own pause, or a rule of the house. */
export type PauseReason = 'user' | HouseReason;

/** A rest with what fills its sentence. */
export interface HouseRest {
  readonly reason: HouseReason;
  readonly params: Readonly<Record<string, string | number>>;
  /** The time of day at which it ends by itself, where a clock says so; null: something else has to end. */
  readonly untilMs: number | null;
}
