import { listeners } from '../../src-node/listeners.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { PublishContract } from '../../src-shared/contract/publish.ts';
import type { SupervisedChild } from '../supervisor/supervise.ts';
import { type PublishOptions, startPublish } from './start-publish.ts';

/** The one `publish` of a host, started when somebody first has something to publish. */
export interface SharedPublish {
  /** Waits for the child that is ready now or next. @throws {AppError} why it was given up, or CANCELLED */
  client(signal: AbortSignal): Promise<ChildClient<PublishContract>>;
  /** The child that is ready now; null where none is. */
  readonly now: ChildClient<PublishContract> | null;
  /** Of the process that is ready now. */
  readonly pid: number | null;
  /** Each time one is ready: a new life knows no pace and has no job. @returns a function that unsubscribes. */
  onReady(listener: (client: ChildClient<PublishContract>) => void): () => void;
  stop(): Promise<void>;
}

export function sharePublish(options: Omit<PublishOptions, 'onReady'>): SharedPublish {
  let child: SupervisedChild<PublishContract> | null = null;
  let live: ChildClient<PublishContract> | null = null;
  let isStopped = false;
  const ready = listeners<{ ready: ChildClient<PublishContract> }>();
  function become(client: ChildClient<PublishContract>): void {
    live = client;
    ready.emit('ready', client);
  }

  return {
    get now() {
      return child?.state.kind === 'ready' ? live : null;
    },
    get pid() {
      return child?.state.kind === 'ready' ? child.state.pid : null;
    },
    onReady: (listener) => ready.on('ready', listener),
    client(signal) {
      // One that failed too often stays away until the next start, and says so to whoever asks.
      if (!isStopped) child ??= startPublish({ ...options, onReady: become });
      return child ? child.whenReady(signal) : Promise.reject(signal.reason);
    },
    async stop() {
      isStopped = true;
      await child?.stop();
    },
  };
}
