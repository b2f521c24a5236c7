import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { underEither, withLimit } from '../../src-node/waits.ts';
import type { ModelCheck, ModelDownload } from '../../src-shared/contract/page/models.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import {
  compareTags,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  readManifest,
} from '../../src-shared/published/manifest.ts';
import type { Hex } from '../../src-shared/units.ts';
import { DOWNLOAD_LIMIT_MS, PUBLISH_CALL_LIMIT_MS } from '../publishing/limits.ts';
import { type ModelProcessOptions, withModelProcess } from '../publishing/model-process.ts';
import type { SharedPublish } from '../publishing/shared-publish.ts';
import { exportFolder } from './export-folder.ts';
import { downloadId, type KeptDownload, keptDownloads } from './kept-downloads.ts';
import { type KnownState, shownState } from './known.ts';
import { DOWNLOADS_MAX, FREE_BYTES_LEFT } from './limits.ts';
import { openedStore } from './look.ts';
import type { StoreOfModels } from './sources.ts';

export interface DownloadsOptions extends ModelProcessOptions {
  /** Holds all of them. */
  readonly folder: string;
  readonly publish: Pick<SharedPublish, 'client'>;
  /** What the chain names as the base of that round, where a run of this computer knows it. */
  chainDigest(profileHash: Hex, round: number): Promise<Hex | null>;
  nowMs(): number;
  shown(downloads: readonly ModelDownload[]): void;
  told(error: CodedError): void;
  readonly signal: AbortSignal;
}

/** Published models on this computer: fetched, checked, handed to other programs, deleted. */
export interface Downloads {
  readonly all: readonly ModelDownload[];
  /** Begins, or goes on where an earlier try broke off. @throws {AppError} MODEL_NO_ROOM, MODEL_BUSY, MODEL_DOWNLOADS_FULL, or of the disk */
  begin(store: StoreOfModels, state: KnownState): Promise<string>;
  /** Of one that is not whole. @throws {AppError} MODEL_UNKNOWN, and as `begin` */
  resume(id: string, stores: readonly StoreOfModels[]): Promise<void>;
  /** Ends what is under way with it; what came so far stays. */
  cancel(id: string): void;
  /** Checks it once more. @throws {AppError} MODEL_UNKNOWN, MODEL_BUSY */
  check(id: string): void;
  /** @param into a folder that is not there yet, or empty @throws {AppError} MODEL_UNKNOWN, MODEL_BUSY */
  exportTo(id: string, into: string): void;
  /** @throws {AppError} MODEL_UNKNOWN, or of the disk */
  delete(id: string): Promise<void>;
  /** Where it lies, whole. @throws {AppError} MODEL_UNKNOWN, MODEL_BUSY */
  folderOf(id: string): string;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

interface Entry {
  kept: KeptDownload;
  phase: ModelDownload['phase'];
  exportedTo: string | null;
  work: { readonly abort: AbortController; readonly done: Promise<void> } | null;
}

export async function openDownloads(options: DownloadsOptions): Promise<Downloads> {
  const { publish, signal, folder } = options;
  const files = keptDownloads(folder, options.told);
  const entries = new Map<string, Entry>();
  for (const kept of await files.left()) entries.set(kept.id, entryOf(kept));

  const shown = (): readonly ModelDownload[] =>
    [...entries.values()]
      .map(({ kept: { id, from, link, state, check }, phase, exportedTo }) => ({
        ...{ id, from, state: shownState(state, link), folder: files.folderOf(id), phase, check, exportedTo },
        exportsTo: exportFolder(shownState(state, link)),
      }))
      .sort((a, b) => compareTags(b.state.tag, a.state.tag));
  const show = () => options.shown(shown());

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (!entry) throw new AppError('MODEL_UNKNOWN');
    return entry;
  }

  function demandIdle(entry: Entry): void {
    if (entry.work) throw new AppError('MODEL_BUSY', { what: entry.phase.kind });
  }

  /** Runs the work under a signal of its own; how it ends is the entry's phase. */
  function begin(
    entry: Entry,
    phase: ModelDownload['phase'],
    work: (life: AbortSignal) => Promise<void>,
  ): void {
    demandIdle(entry);
    const abort = new AbortController();
    entry.phase = phase;
    const ended = (problem: CodedError | null) => {
      entry.work = null;
      entry.phase = { kind: entry.kept.isWhole ? 'here' : 'stopped', problem };
      if (entries.get(entry.kept.id) === entry) show();
    };
    const done = underEither([signal, abort.signal], work).then(
      () => ended(null),
      (thrown: unknown) => ended(abort.signal.aborted ? null : toCodedError(thrown)),
    );
    entry.work = { abort, done };
    show();
  }

  function fetchInto(entry: Entry, store: StoreOfModels): void {
    const { id, state } = entry.kept;
    begin(entry, { kind: 'coming', doneBytes: 0 }, async (life) => {
      const { place, secret } = await openedStore(store);
      const client = await publish.client(withLimit(life, PUBLISH_CALL_LIMIT_MS));
      const job = `model-${id}`;
      const off = client.on('progress', (said) => {
        if (said.job !== job || said.phase !== 'receiving') return;
        entry.phase = { kind: 'coming', doneBytes: said.doneBytes };
        show();
      });
      try {
        const asked = { job, store: place, secret, tag: state.tag, names: null, bytesMax: state.sizeBytes };
        await client.call(
          'store.download',
          { ...asked, into: files.folderOf(id) },
          withLimit(life, DOWNLOAD_LIMIT_MS),
        );
      } finally {
        off();
      }
      await demandSame(files.folderOf(id), state);
      entry.kept = { ...entry.kept, isWhole: true };
      await files.keep(entry.kept);
      await checkNow(entry, life);
    });
  }

  async function checkNow(entry: Entry, life: AbortSignal): Promise<void> {
    entry.phase = { kind: 'checking' };
    show();
    const { id, state } = entry.kept;
    const found = await withModelProcess(options, life, (client, limited) =>
      client.call('checkState', { folder: files.folderOf(id) }, limited),
    );
    const named = await options.chainDigest(state.profileHash, state.round);
    const chain = named === null ? 'unknown' : named === state.baseDigest ? 'same' : 'other';
    const check: ModelCheck = { atMs: options.nowMs(), ...found, chain };
    entry.kept = { ...entry.kept, check: { ...check, damaged: [...check.damaged] } };
    await files.keep(entry.kept);
  }

  async function demandRoom(id: string, { sizeBytes }: KnownState): Promise<void> {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const needed = sizeBytes - (await bytesIn(files.folderOf(id))) + FREE_BYTES_LEFT;
    if (free >= needed) return;
    throw new AppError('MODEL_NO_ROOM', { neededMib: mib(needed), freeMib: mib(free), path: folder });
  }

  show();
  return {
    get all() {
      return shown();
    },
    async begin(store, state) {
      const id = downloadId(state);
      const known = entries.get(id);
      if (known) demandIdle(known);
      else if (entries.size >= DOWNLOADS_MAX)
        throw new AppError('MODEL_DOWNLOADS_FULL', { most: DOWNLOADS_MAX });
      await demandRoom(id, state);
      const link = store.linkOf(state.tag);
      const kept: KeptDownload = {
        ...{ id, sourceId: store.id, from: store.address, link, state },
        ...{ isWhole: known?.kept.isWhole ?? false, check: null },
      };
      await files.keep(kept);
      const entry = { ...(entries.get(id) ?? entryOf(kept)), kept };
      demandIdle(entry);
      entries.set(id, entry);
      fetchInto(entry, store);
      return id;
    },
    async resume(id, stores) {
      const entry = find(id);
      const store = stores.find((one) => one.id === entry.kept.sourceId);
      if (!store) throw new AppError('MODEL_SOURCE_GONE');
      demandIdle(entry);
      await demandRoom(id, entry.kept.state);
      fetchInto(entry, store);
    },
    cancel: (id) => entries.get(id)?.work?.abort.abort(),
    check(id) {
      const entry = find(id);
      begin(entry, { kind: 'checking' }, (life) => checkNow(entry, life));
    },
    exportTo(id, into) {
      const entry = find(id);
      begin(entry, { kind: 'exporting', into }, async (life) => {
        await withModelProcess(options, life, (client, limited) =>
          client.call('exportDownload', { folder: files.folderOf(id), into }, limited),
        );
        entry.exportedTo = into;
      });
    },
    async delete(id) {
      const entry = find(id);
      entry.work?.abort.abort();
      await entry.work?.done;
      entries.delete(id);
      show();
      await files.forget(id);
    },
    folderOf(id) {
      const { kept, work, phase } = find(id);
      if (!kept.isWhole) throw new AppError('MODEL_BUSY', { what: work ? phase.kind : 'not whole' });
      return files.folderOf(id);
    },
    async idle() {
      await Promise.all([...entries.values()].map(({ work }) => work?.done));
    },
  };
}

const entryOf = (kept: KeptDownload): Entry => ({
  kept,
  phase: { kind: kept.isWhole ? 'here' : 'stopped', problem: null },
  exportedTo: null,
  work: null,
});

/** A store may serve another manifest than the one that was listed. @throws {AppError} STORE_STATE_DAMAGED */
async function demandSame(folder: string, { tag, signature }: KnownState): Promise<void> {
  const text = await readTextBounded(join(folder, MANIFEST), MANIFEST_BYTES_MAX);
  if (text && readManifest(text)?.signature === signature) return;
  throw new AppError('STORE_STATE_DAMAGED', {
    name: MANIFEST,
    tag,
    what: 'it is another one than was listed',
  });
}

/** What of it came in earlier tries. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
