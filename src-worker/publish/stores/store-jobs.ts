import { randomBytes } from 'node:crypto';
import { pause } from '../../../src-node/waits.ts';
import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { ReadPlace, StorePlace, storeCalls } from '../../../src-shared/contract/publish/stores.ts';
import type { PublishContract } from '../../../src-shared/contract/publish.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profilePath } from '../../../src-shared/profile/announcement.ts';
import { parseProfile, profileHash } from '../../../src-shared/profile/profile.ts';
import { bytesOfFiles } from '../../../src-shared/published/manifest.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { PublishGround } from '../ground.ts';
import { SAMPLE_BYTES } from '../limits.ts';
import { throttledProgress } from '../progress.ts';
import { downloadState } from './download.ts';
import { readExtent, tensorsOf } from './extents.ts';
import { openLocalState } from './local-state.ts';
import { openStore, openToRead } from './open-store.ts';
import { retire } from './retire.ts';
import type { StoreGround } from './store.ts';

export type StoreJobs = Pick<CallHandlers<PublishContract>, Exclude<keyof typeof storeCalls, 'abort'>>;

interface At<Place extends ReadPlace> {
  readonly job: string;
  readonly store: Place;
  readonly secret: string | null;
}

/** The jobs on stores of states. */
export function storeJobs({ jobs, pace, emit }: PublishGround): StoreJobs {
  const groundOf = (job: string): StoreGround => ({
    pace,
    progress: throttledProgress((said) => emit('progress', { job, ...said })),
    pause,
    waiting: (reason, untilMs) => emit('waiting', { job, reason, untilMs }),
  });
  const opened = ({ job, store, secret }: At<StorePlace>) => openStore(store, secret, groundOf(job));
  const toRead = ({ job, store, secret }: At<ReadPlace>) => {
    const ground = groundOf(job);
    return { ground, store: openToRead(store, secret, ground) };
  };

  return {
    'store.test': (at, signal) =>
      jobs.run(at.job, signal, async (life) => {
        const store = opened(at);
        const { sentMs, receivedMs, ...said } = await store.verify(randomBytes(SAMPLE_BYTES), life);
        const perSecond = (ms: number) => (1000 * SAMPLE_BYTES) / Math.max(1, ms);
        return {
          ...said,
          sentBytesPerSecond: perSecond(sentMs),
          receivedBytesPerSecond: perSecond(receivedMs),
        };
      }),
    'store.upload': (at, signal) =>
      jobs.run(at.job, signal, async (life) => {
        const store = opened(at);
        const local = await openLocalState(at.folder);
        const put = await store
          .put(local, { isPublic: at.isPublic }, life)
          .catch((thrown: unknown) => Promise.reject(withRoom(thrown, bytesOfFiles(local.manifest.files))));
        if (local.manifest.kind === 'state') await retire(store, at.keepStates, life);
        return put;
      }),
    'store.putProfile': (at, signal) =>
      jobs.run(at.job, signal, async (life) => {
        const { text } = at;
        demandHash(text, at.hash);
        const isNew = await opened(at)
          .putProfile({ path: profilePath(at.hash), text }, life)
          .catch((thrown: unknown) => Promise.reject(withRoom(thrown, Buffer.byteLength(text))));
        return { isNew };
      }),
    'store.list': (at, signal) =>
      jobs.run(at.job, signal, async (life) => ({ states: [...(await toRead(at).store.list(life))] })),
    'store.download': (at, signal) =>
      jobs.run(at.job, signal, (life) => {
        const { ground, store } = toRead(at);
        return downloadState(store, at, ground.progress, life);
      }),
    'store.tensors': (at, signal) =>
      jobs.run(at.job, signal, async (life) => ({ tensors: await tensorsOf(toRead(at), at, life) })),
    'store.extent': (at, signal) =>
      jobs.run(at.job, signal, async (life) => {
        await readExtent(toRead(at), at, life);
        return undefined;
      }),
    async 'store.pace'({ bytesPerSecond }) {
      pace.set(bytesPerSecond);
      return undefined;
    },
  };
}

/** What lies under a hash has it: whoever reads would refuse anything else. @throws {AppError} PROFILE_INVALID */
function demandHash(text: string, hash: Hex): void {
  const { consensus } = parseProfile(JSON.parse(text));
  if (profileHash(consensus) !== hash)
    throw new AppError('PROFILE_INVALID', { reason: 'it has another hash' });
}

/** A store of the web says that it is full, and not what was wanted: at most the whole state. */
function withRoom(thrown: unknown, allBytes: number): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== 'STORE_FULL' || thrown.params.neededMib !== '?')
    return thrown;
  return new AppError('STORE_FULL', { ...thrown.params, neededMib: Math.ceil(allBytes / 2 ** 20) }, thrown);
}
