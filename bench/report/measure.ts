import { type BenchReport, describeMachine, type Figure, unmeasured } from './figures.ts';

/** Figures by name, each measured on its own. */
export type Measures = Readonly<Record<string, () => Promise<Figure>>>;

/** @throws {Error} for a name that is no figure */
export function checkNames(only: readonly string[] | null, names: readonly string[]): void {
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`${unknown} is no figure. They are: ${names.join(', ')}`);
}

/** Those wanted, one after another. One that fails takes nothing from those measured before it. */
export async function measureEach(measures: Measures, only: readonly string[] | null): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (only && !only.includes(name)) continue;
    figures.push(await measure().catch((error) => unmeasured(name, '', String(error))));
  }
  return figures;
}

/** A whole report of figures that have nothing in common but their machine. */
export async function reportOf(measures: Measures, only: readonly string[] | null): Promise<BenchReport> {
  checkNames(only, Object.keys(measures));
  return { machine: describeMachine(), figures: await measureEach(measures, only) };
}
