import { silentEndpoint } from './chain/silent-endpoint.ts';
import { timelockMs } from './chain/timelock.ts';
import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'timelock-ms': timelockMs,
  'silent-endpoint-s': silentEndpoint,
};

/** What Butterfly says to a chain, and what others can do with its own. */
export const bench: Bench = (only) => reportOf(measures, only);
