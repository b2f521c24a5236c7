import type { RunLogTarget } from '../../../src-shared/contract/publish/run-logs.ts';
import type { SharedPublish } from '../shared-publish.ts';
import type { RunLogDoor } from './telling.ts';

/** The calls of `publish` for one run: of each kind of target one after another. */
export function doorOf(publish: Pick<SharedPublish, 'client'>, hotkey: string): RunLogDoor {
  const jobOf = ({ kind }: RunLogTarget) => `log-${kind}-${hotkey}`;
  return {
    async tell(target, { afterSeq, rows }, signal) {
      const client = await publish.client(signal);
      return client.call('log.tell', { job: jobOf(target), target, afterSeq, rows: [...rows] }, signal);
    },
    async finish(target, signal) {
      const client = await publish.client(signal);
      await client.call('log.finish', { job: jobOf(target), target }, signal);
    },
  };
}
