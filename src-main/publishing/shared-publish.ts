import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { PublishContract } from '../../src-shared/contract/publish.ts';
import type { SupervisedChild } from '../supervisor/supervise.ts';
import { type PublishOptions, startPublish } from './start-publish.ts';

/** The one `publish` of a host, started when somebody first has something to publish. */
export interface SharedPublish {
  /** Waits for the child that is ready now or next. @throws {AppError} why it was given up, or CANCELLED */
  client(signal: AbortSignal): Promise<ChildClient<PublishContract>>;
  stop(): Promise<void>;
}

export function sharePublish(options: PublishOptions): SharedPublish {
  let child: SupervisedChild<PublishContract> | null = null;
  let isStopped = false;
  return {
    client(signal) {
      // One that failed too often stays away until the next start, and says so to whoever asks.
      if (!isStopped) child ??= startPublish(options);
      return child ? child.whenReady(signal) : Promise.reject(signal.reason);
    },
    async stop() {
      isStopped = true;
      await child?.stop();
    },
  };
}
