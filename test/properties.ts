import fc from 'fast-check';
import { runs } from './runs.ts';

/** The netuid: any number does, as long as it stays. */
const USUAL_SEED = 38;

/**
 * Before each file: every property draws from one seed, so that a change is never refused for a rare case that it has
 * nothing to do with. `npm run test:long` looks for those with a new seed each time, and names it; a property that
 * fails says seed and path, which `BUTTERFLY_SEED` and fast-check's `path` repeat.
 */
fc.configureGlobal({ seed: Number(process.env.BUTTERFLY_SEED ?? USUAL_SEED), numRuns: runs(100) });
