import type { CardSensors } from '../contract/page/card.ts';
import { isSameName, makerOf } from './adapter.ts';

interface Named {
  readonly name: string;
  readonly vendor: string;
}

/** Sensors that may be those of a card: those of its name, else those of its maker that have none. */
function candidates({ name, vendor }: Named, all: readonly CardSensors[]): readonly CardSensors[] {
  const named = all.filter((one) => one.name !== null && isSameName(one.name, name));
  if (named.length > 0) return named;
  const maker = makerOf(vendor, name);
  return all.filter((one) => one.vendor === maker && one.name === null);
}

/** The sensors of a card; null where it has none, or nothing tells several apart. */
export function sensorsOf(card: Named, all: readonly CardSensors[]): CardSensors | null {
  const [one, another] = candidates(card, all);
  return one && !another ? one : null;
}

/** Whether a card has sensors that nothing tells from those of another. */
export const areAlike = (card: Named, all: readonly CardSensors[]): boolean =>
  candidates(card, all).length > 1;

/** Memory of a card in bytes, which may be known though several are of its name; null: not known. */
export function memoryOf(card: Named, all: readonly CardSensors[]): number | null {
  const [one, ...others] = new Set(candidates(card, all).map(({ memoryBytes }) => memoryBytes));
  return others.length === 0 ? (one ?? null) : null;
}
