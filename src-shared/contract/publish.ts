import * as v from 'valibot';
import { defineContract, type ParamsOf, type ResultOf } from './child.ts';
import { path } from './fields.ts';
import { runLogCalls } from './publish/run-logs.ts';
import { storeCalls, storeEvents } from './publish/stores.ts';

/**
 * `publish` brings states and run logs out of the house: one process for all of them, because they share the uplink.
 * Each call is a job that the host names; a token comes with its call and is kept in memory only while that lasts.
 */
export const publishContract = defineContract({
  init: v.object({
    /** Folder below the data folder that is this process's own. */
    folder: path,
  }),
  ready: v.object({}),
  calls: {
    ...storeCalls,
    ...runLogCalls,
  },
  events: {
    ...storeEvents,
  },
});

export type PublishContract = typeof publishContract;
export type PublishCall = keyof PublishContract['calls'] & string;
export type PublishParams<N extends PublishCall> = ParamsOf<PublishContract, N>;
export type PublishResult<N extends PublishCall> = ResultOf<PublishContract, N>;
