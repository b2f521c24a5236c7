import { basename, join } from 'node:path';
import { type CommitOperation, commitIter } from '@huggingface/hub';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { PROFILE_BYTES_MAX } from '../../../src-shared/profile/limits.ts';
import { bytesOfFiles, MANIFEST, readManifest } from '../../../src-shared/published/manifest.ts';
import { REBASES_MAX } from '../limits.ts';
import { FileSlice } from './file-slice.ts';
import { type HubApi, hubError } from './hub-api.ts';
import { guardCommit } from './hub-guard.ts';
import { readWhole } from './read-whole.ts';
import { Patience } from './retry.ts';
import { demandSameProfile, type LocalProfile, type LocalState, type StoreGround } from './store.ts';

interface Committing {
  readonly ground: StoreGround;
  readonly signal: AbortSignal;
}

/**
 * Commits upon what is newest, once: whatever fails, the branch is looked at before anything is tried again, because an
 * answer may be lost of a commit that was made. Somebody else's commit in between is built upon.
 * @param attempt looks whether it is done already; `head` is null for a repository without a commit
 */
async function uponNewest<T>(
  api: HubApi,
  { ground, signal }: Committing,
  attempt: (head: string | null) => Promise<T>,
): Promise<T> {
  const patience = new Patience(ground, signal);
  for (let rebases = 0; ; ) {
    try {
      return await attempt((await api.refs()).head);
    } catch (thrown) {
      const error = hubError(thrown, api.repository);
      if (error instanceof AppError && error.code === 'STORE_CONFLICT') {
        rebases += 1;
        if (rebases > REBASES_MAX) throw error;
      } else await patience.after(error);
    }
  }
}

/** Makes the state the newest commit. @returns the commit */
export function commitState(
  api: HubApi,
  local: LocalState,
  { ground, xet, signal }: Committing & { readonly xet: boolean },
): Promise<string> {
  return uponNewest(api, { ground, signal }, async (head) => {
    const there = head && (await api.manifestAt(head));
    if (head && there === local.manifestText) return head;
    return commitOnce(api, local, { ground, xet, signal, head, stale: there ? namesIn(there) : [] });
  });
}

/**
 * Adds a profile to what the branch holds, in a commit of its own. It is in memory: nothing of it can change meanwhile.
 * @returns whether it was not there yet
 * @throws {AppError} STORE_FILE_DIFFERS
 */
export function commitProfile(
  api: HubApi,
  profile: LocalProfile,
  { ground, signal }: Committing,
): Promise<boolean> {
  const { path, text } = profile;
  const content = new Blob([text]);
  return uponNewest(api, { ground, signal }, async (head) => {
    const there = head && (await api.file(head, path));
    if (there) {
      demandSameProfile(api.repository, profile, await readWhole(there, PROFILE_BYTES_MAX));
      return false;
    }
    const committing = commitIter({
      ...api.call,
      repo: api.repo,
      title: `Profile ${basename(path, '.json').slice(0, 16)}`,
      operations: [{ operation: 'addOrUpdate', path, content }],
      useXet: false,
      abortSignal: signal,
      ...(head && { parentCommit: head }),
    });
    await follow(committing, ground, content.size);
    return true;
  });
}

const namesIn = (manifestText: string): readonly string[] =>
  readManifest(manifestText)?.files.map(({ name }) => name) ?? [];

interface CommitOnce {
  readonly ground: StoreGround;
  readonly xet: boolean;
  readonly signal: AbortSignal;
  readonly head: string | null;
  /** Files of the state that the branch holds now. */
  readonly stale: readonly string[];
}

async function commitOnce(api: HubApi, local: LocalState, options: CommitOnce): Promise<string> {
  const { ground, xet, signal, head, stale } = options;
  const { tag, round, files } = local.manifest;
  const names = [...files.map(({ name }) => name), MANIFEST];
  const operations: CommitOperation[] = [
    ...stale.filter((name) => !names.includes(name)).map((path) => ({ operation: 'delete', path }) as const),
    // Read lazily: nothing of a file is in memory but what is on its way.
    ...(await Promise.all(
      names.map(async (path) => ({
        operation: 'addOrUpdate' as const,
        path,
        content: await FileSlice.open(join(local.folder, path)),
      })),
    )),
  ];
  const committing = commitIter({
    ...api.call,
    fetch: guardCommit(local, api.call.fetch),
    repo: api.repo,
    title: `State ${tag}, after round ${round}`,
    operations,
    useXet: xet,
    abortSignal: signal,
    ...(head && { parentCommit: head }),
  });
  return follow(committing, ground, bytesOfFiles(files));
}

/** Bytes that go out are counted as they do; of what is summed up only the library knows how far it is. */
async function follow(
  committing: ReturnType<typeof commitIter>,
  { progress }: StoreGround,
  allBytes: number,
): Promise<string> {
  progress.begin('sending', allBytes);
  for (;;) {
    const next = await committing.next();
    if (next.done) {
      const oid = next.value?.commit.oid;
      if (oid && /^[0-9a-f]{40}$/.test(oid)) return oid;
      throw new AppError('STORE_ANSWER_FOREIGN', { store: 'The Hub', what: 'no commit' });
    }
    if (next.value.event === 'phase' && next.value.phase === 'committing')
      progress.begin('committing', allBytes);
  }
}
