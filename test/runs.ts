/** Tests of the page know no Node types: the page has none. */
const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };

/**
 * How often a property is tried: in `npm test` so often that it stays short, in `npm run test:long` often enough to meet
 * what is rare.
 */
export const runs = (usual: number, long = usual * 20): number =>
  process?.env.BUTTERFLY_LONG ? long : usual;

/** Of moments that are all tried in `npm run test:long`, `npm test` tries each `nth`: the step from one to the next. */
export const momentsApart = (nth: number): number => runs(nth, 1);
