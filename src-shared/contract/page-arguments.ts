import * as v from 'valibot';
import { address } from './fields.ts';
import type { HostApi } from './page.ts';

/** Schemas of the arguments of each call; a name that is not here does not exist for the page. */
export const hostApiArguments = {
  view: v.tuple([]),
  startPractice: v.tuple([]),
  pause: v.tuple([v.nullable(v.pipe(v.number(), v.minValue(1), v.maxValue(7 * 24 * 60)))]),
  resume: v.tuple([]),
  series: v.tuple([
    v.picklist(['loss', 'tokensPerSecond']),
    v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(2_000)),
  ]),
  evidence: v.tuple([address]),
  dismissNotice: v.tuple([v.pipe(v.string(), v.maxLength(64))]),
} as const satisfies Record<keyof HostApi, v.GenericSchema>;
