import type { CardSensors } from '../../src-shared/contract/page/card.ts';

/** What the sensors of this computer said at one look. */
export interface MachineReading {
  readonly cards: readonly CardSensors[];
  /** Of all processors together; null where no counter may be read. */
  readonly cpuWatts: number | null;
}

/** Reads what this computer draws and how its cards are, as far as it has sensors that anybody may read. */
export interface MachineReader {
  /** null where nothing can be measured, yet or at all. Never rejects, but for the signal. */
  read(signal: AbortSignal): Promise<MachineReading | null>;
}

/** Watts of all cards that tell theirs; null where none does. */
export function wattsOfCards(cards: readonly CardSensors[]): number | null {
  const told = cards.flatMap(({ watts }) => (watts === null ? [] : [watts]));
  return told.length === 0 ? null : told.reduce((sum, watts) => sum + watts, 0);
}
