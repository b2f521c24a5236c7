import { pageChiSquare } from './data/chi-square.ts';
import { fetchedPerNeededByte } from './data/fetched.ts';
import { cachedPageMs } from './data/kept.ts';
import { logGap } from './data/log-gap.ts';
import { joinSeconds, ownRunFigure } from './data/own-run.ts';
import { starvedSteps } from './data/starved.ts';
import { tokeniseVsFastest } from './data/tokenise.ts';
import { publishUplinkShare } from './data/uplink-share.ts';
import { uploadMemoryMb } from './data/upload-memory.ts';
import { uploadVsRawHttp } from './data/upload-vs-raw-http.ts';
import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'log-gap': logGap,
  'tokenise-vs-fastest': tokeniseVsFastest,
  'fetched-per-needed-byte': fetchedPerNeededByte,
  'cached-page-ms': cachedPageMs,
  'starved-steps': starvedSteps,
  'page-chi-square': pageChiSquare,
  'upload-vs-raw-http': uploadVsRawHttp,
  'upload-memory-mb': uploadMemoryMb,
  'publish-uplink-share': publishUplinkShare,
  'own-run': ownRunFigure,
  'join-s': joinSeconds,
};

/** What goes in and out of a run: how it is told to others, and how its text is made, fetched, kept and drawn. */
export const bench: Bench = (only) => reportOf(measures, only);
