import { randomBytes } from 'node:crypto';
import { commit, createBranch, deleteBranch } from '@huggingface/hub';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { bytesOfFiles, compareTags } from '../../../src-shared/published/manifest.ts';
import { HUB, HubApi, type HubPlace, hubError } from './hub-api.ts';
import { commitProfile, commitState } from './hub-commit.ts';
import { patiently } from './retry.ts';
import {
  differs,
  type LocalProfile,
  type LocalState,
  missing,
  type Put,
  type PutOptions,
  type ReadRange,
  type StateStore,
  type StoredState,
  type StoreGround,
  type Verified,
} from './store.ts';

const SAMPLE = 'sample.bin';

/**
 * States in a model repository of the Hugging Face Hub: each one a commit, and a tag on it that makes it one. What a
 * repository holds already, by content, is not sent again, so a state that broke off is simply put once more.
 */
export function hubStore(place: HubPlace, token: string | null, ground: StoreGround): StateStore {
  /** Of everything that went out. */
  let sentBytes = 0;
  let opened: Promise<HubApi> | undefined;
  const open = (signal: AbortSignal): Promise<HubApi> => {
    opened ??= HubApi.open(place, token, ground, {
      signal,
      onSent(bytes) {
        sentBytes += bytes;
        ground.progress.add(bytes);
      },
    });
    return opened;
  };

  /** With the library's errors in our words, and patience. */
  const calling = <T>(signal: AbortSignal, work: (api: HubApi) => Promise<T>): Promise<T> =>
    patiently(ground, signal, async () => {
      try {
        return await work(await open(signal));
      } catch (thrown) {
        opened = undefined;
        throw hubError(thrown, place.repository ?? HUB);
      }
    });

  async function list(signal: AbortSignal): Promise<readonly StoredState[]> {
    const { tags } = await calling(signal, (api) => api.refs());
    return [...tags].map(([tag, revision]) => ({ tag, revision })).sort((a, b) => compareTags(a.tag, b.tag));
  }

  async function put(local: LocalState, { isPublic }: PutOptions, signal: AbortSignal): Promise<Put> {
    const { tag, round, files } = local.manifest;
    sentBytes = 0;
    const allBytes = bytesOfFiles(files);
    const tagged = await calling(signal, async (api) => {
      await api.ensureRepository();
      const commitThere = (await api.refs()).tags.get(tag);
      if (commitThere === undefined) {
        if (!isPublic) await api.demandRoom(allBytes);
        return null;
      }
      if ((await api.manifestAt(commitThere)) !== local.manifestText) throw differs(api.repository, tag);
      return commitThere;
    });
    const revision =
      tagged ?? (await commitState(await open(signal), local, { ground, xet: place.xet, signal }));
    await calling(signal, async (api) => {
      if (tagged === null) await api.tag(revision, tag, `Round ${round}`);
      if (isPublic && (await api.isPrivate())) await api.openToAll();
    });
    const foundBytes = Math.max(0, allBytes - sentBytes);
    return { state: { tag, revision }, sentBytes, foundBytes };
  }

  /** A repository that is closed is not opened for it: all else in it would be open, too. */
  async function putProfile(profile: LocalProfile, signal: AbortSignal): Promise<boolean> {
    await calling(signal, async (api) => {
      await api.ensureRepository('public');
      if (await api.isPrivate()) throw new AppError('STORE_PRIVATE', { place: api.repository });
    });
    return commitProfile(await open(signal), profile, { ground, signal });
  }

  async function* read(tag: string, name: string, range: ReadRange, signal: AbortSignal) {
    const body = await calling(signal, (api) => api.file(tag, name, range));
    if (!body) throw missing(place.repository ?? HUB, tag);
    yield* body;
  }

  async function keepFrom(oldest: string, signal: AbortSignal): Promise<void> {
    const old = (await list(signal)).filter(({ tag }) => compareTags(tag, oldest) < 0);
    for (const { tag } of old) await calling(signal, (api) => api.deleteTag(tag));
    if (old.length > 0) await calling(signal, (api) => api.squash('Older states are given up'));
  }

  /**
   * On a branch of its own, which goes again: the history that others see has no commit of it. So does a repository that was
   * made for it, where nobody named that.
   */
  async function verify(sample: Uint8Array, signal: AbortSignal): Promise<Verified> {
    const branch = `test-${randomBytes(6).toString('hex')}`;
    let isMade = false;
    return calling(signal, async (api) => {
      isMade = (await api.ensureRepository()) || isMade;
      await createBranch({ ...api.call, repo: api.repo, branch });
      try {
        const beganMs = performance.now();
        await commit({
          ...api.call,
          ...{ repo: api.repo, branch, title: 'A test of this key', abortSignal: signal },
          operations: [
            {
              operation: 'addOrUpdate',
              path: SAMPLE,
              content: new Blob([sample as Uint8Array<ArrayBuffer>]),
            },
          ],
          useXet: place.xet,
        });
        const sentMs = performance.now() - beganMs;
        await demandSame(api, branch, sample);
        const receivedMs = performance.now() - beganMs - sentMs;
        const isPublic = !(await api.isPrivate());
        return { account: api.account, place: api.repository, isPublic, sentMs, receivedMs };
      } finally {
        const cleared =
          isMade && place.repository === null
            ? api.removeRepository()
            : deleteBranch({ ...api.call, repo: api.repo, branch });
        await cleared.catch(() => undefined);
      }
    });
  }

  return { verify, list, put, putProfile, read, keepFrom };
}

async function demandSame(api: HubApi, branch: string, sample: Uint8Array): Promise<void> {
  const body = await api.file(branch, SAMPLE);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  if (body)
    for await (const part of body) {
      bytes += part.length;
      if (bytes > sample.length) break;
      parts.push(part);
    }
  if (!Buffer.concat(parts).equals(sample)) throw new AppError('STORE_ROUND_TRIP_WRONG', { store: HUB });
}
