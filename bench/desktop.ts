import { electronIdleCpu, electronPractice, electronWindow } from './desktop/electron.ts';
import { packedMb } from './desktop/packed.ts';
import { processesLeft } from './desktop/processes-left.ts';
import { statusSeconds } from './desktop/status.ts';
import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'electron-window-s': electronWindow,
  'electron-practice': electronPractice,
  'electron-idle-cpu': electronIdleCpu,
  'packed-mb': packedMb,
  'processes-left': processesLeft,
  'status-s': statusSeconds,
};

/** The product on a desk and on a box without a screen. */
export const bench: Bench = (only) => reportOf(measures, only);
