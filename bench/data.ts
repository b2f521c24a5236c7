import { logGap } from './data/log-gap.ts';
import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'log-gap': logGap,
};

/** What goes in and out of a run: how it is told to others. */
export const bench: Bench = (only) => reportOf(measures, only);
