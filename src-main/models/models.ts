import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { turns } from '../../src-node/turns.ts';
import type {
  ModelDownload,
  ModelPrompt,
  ModelSource,
  ModelsView,
  ModelWriting,
} from '../../src-shared/contract/page/models.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import {
  parseStoreAddress,
  printStoreAddress,
  type StoreAddress,
} from '../../src-shared/stores/store-address.ts';
import { typedStoreAddress } from '../../src-shared/stores/typed-store-address.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { ModelProcessOptions } from '../publishing/model-process.ts';
import type { SharedPublish } from '../publishing/shared-publish.ts';
import { openDownloads } from './downloads.ts';
import { addedStoresFile, type KnownStore, knownStoresFile, shownState } from './known.ts';
import { LOOK_AGAIN_MS, SOURCES_MAX, STATES_SHOWN } from './limits.ts';
import { lookAt } from './look.ts';
import { lossesOf, type OwnRounds } from './losses.ts';
import { readStore, type StoreOfModels } from './sources.ts';
import { openModelWriter } from './writing.ts';

/** Folder of downloaded models, and of what is known of others. */
export const modelsDir = (dataDir: string): string => join(dataDir, 'models');

export interface ModelsOptions extends ModelProcessOptions {
  readonly dataDir: string;
  readonly publish: Pick<SharedPublish, 'client'>;
  /** Stores that this computer has to do with, beside those that a person added. */
  stores(): Promise<readonly StoreOfModels[]>;
  /** What runs of this computer know of their rounds. */
  ownRounds(): Promise<readonly OwnRounds[]>;
  nowMs(): number;
  shown(changed: {
    readonly models?: ModelsView;
    readonly modelDownloads?: readonly ModelDownload[];
    readonly modelWriting?: ModelWriting | null;
  }): void;
  told(error: CodedError): void;
  readonly signal: AbortSignal;
}

/** Models that were published: what there is, and what of it is on this computer. Needs no wallet and no run. */
export interface Models {
  readonly view: ModelsView;
  readonly downloads: readonly ModelDownload[];
  /** @param how `once`: not those that answered a moment ago. Resolves when all were looked at; problems show in the view */
  look(how: 'once' | 'again'): Promise<void>;
  /** Of a state that a run of this computer committed, or whose loss it measured: curves are drawn anew. */
  roundsChanged(): Promise<void>;
  /** @throws {AppError} MODEL_SOURCE_UNKNOWN, MODEL_SOURCES_FULL, or of the disk @returns its id */
  add(typed: string): Promise<string>;
  /** As `add`, of an address that was read somewhere. */
  addAddress(address: StoreAddress): Promise<string>;
  remove(sourceId: string): Promise<void>;
  /** As `remove`, by what was typed. @throws {AppError} MODEL_SOURCE_UNKNOWN, or of the disk */
  removeAddress(typed: string): Promise<void>;
  /** @throws {AppError} MODEL_NOT_LISTED, and as `Downloads.begin` */
  download(sourceId: string, tag: string): Promise<string>;
  resume(id: string): Promise<void>;
  cancel(id: string): void;
  check(id: string): void;
  exportTo(id: string, into: string): void;
  delete(id: string): Promise<void>;
  /** @throws {AppError} MODEL_UNKNOWN, MODEL_BUSY */
  write(id: string, prompt: ModelPrompt): void;
  stopText(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Looked extends KnownStore {
  readonly isLooking: boolean;
  readonly problem: CodedError | null;
}

const never = (id: string): Looked => ({
  ...{ id, lookedAtMs: null, unreadable: 0, states: [], isLooking: false, problem: null },
});

export async function openModels(options: ModelsOptions): Promise<Models> {
  const { publish, nowMs, told } = options;
  const folder = modelsDir(options.dataDir);
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  await mkdir(folder, { recursive: true });
  const knownFile = knownStoresFile(folder, told);
  const addedFile = addedStoresFile(folder, told);
  const looked = new Map(
    ((await knownFile.read()) ?? []).map((known): [string, Looked] => [
      known.id,
      { ...known, isLooking: false, problem: null },
    ]),
  );
  let added = ((await addedFile.read()) ?? []).map(parseStoreAddress).filter((one) => one !== null);
  let stores: readonly StoreOfModels[] = [];
  let own: readonly OwnRounds[] = [];
  let view: ModelsView = { sources: [], losses: [] };
  const inTurn = turns();
  const editing = turns();
  const ground = { extraEnv: options.extraEnv, log: options.log };
  const writer = openModelWriter({
    ...{ ...ground, signal },
    shown: (modelWriting) => options.shown({ modelWriting }),
  });
  const downloads = await openDownloads({
    ...{ ...ground, folder, publish, nowMs, told, signal },
    chainDigest,
    shown: (modelDownloads) => options.shown({ modelDownloads }),
  });

  function show(): void {
    const all = stores.flatMap(({ id }) => looked.get(id)?.states ?? []);
    view = { sources: stores.map(shownSource), losses: lossesOf(own, all) };
    options.shown({ models: view });
  }

  function shownSource({ id, address, why, linkOf }: StoreOfModels): ModelSource {
    const { states, lookedAtMs, unreadable, isLooking, problem } = looked.get(id) ?? never(id);
    const whole = states
      .filter(({ kind }) => kind === 'state')
      .toReversed()
      .slice(0, STATES_SHOWN);
    return {
      ...{ id, address, why, unreadable, lookedAtMs, isLooking, problem },
      states: whole.map((state) => shownState(state, linkOf(state.tag))),
    };
  }

  async function readStores(): Promise<void> {
    const all = [...(await options.stores()), ...added.map((address) => readStore(address, 'added'))];
    stores = all.filter(({ id }, at) => all.findIndex((one) => one.id === id) === at).slice(0, SOURCES_MAX);
  }

  async function look(how: 'once' | 'again'): Promise<void> {
    await readStores();
    own = await options.ownRounds();
    show();
    for (const store of stores) {
      const atMs = looked.get(store.id)?.lookedAtMs ?? null;
      const isFresh = atMs !== null && Math.abs(nowMs() - atMs) < LOOK_AGAIN_MS;
      if ((how === 'again' || !isFresh) && !signal.aborted) await lookAtOne(store);
    }
    await keep();
  }

  async function lookAtOne(store: StoreOfModels): Promise<void> {
    const before = looked.get(store.id) ?? never(store.id);
    const become = (next: Looked) => {
      looked.set(store.id, next);
      show();
    };
    become({ ...before, isLooking: true, problem: null });
    const seen = (known: KnownStore) => become({ ...known, isLooking: true, problem: null });
    try {
      const known = await lookAt(store, before, { publish, folder, nowMs, seen, signal });
      become({ ...known, isLooking: false, problem: null });
    } catch (thrown) {
      // What was seen before the line broke is as true as it was.
      const soFar = looked.get(store.id) ?? before;
      become({ ...soFar, isLooking: false, problem: signal.aborted ? null : toCodedError(thrown) });
    }
  }

  async function keep(): Promise<void> {
    const kept = stores.flatMap(({ id }): KnownStore[] => {
      const { isLooking: _isLooking, problem: _problem, ...known } = looked.get(id) ?? never(id);
      return known.lookedAtMs === null ? [] : [known];
    });
    await knownFile.write(kept).catch((thrown: unknown) => options.log(`what is known of models: ${thrown}`));
  }

  async function chainDigest(profileHash: Hex, round: number): Promise<Hex | null> {
    const rounds = (await options.ownRounds()).filter((one) => one.profileHash === profileHash);
    const named = rounds.flatMap((one) => one.rounds).find((one) => one.round === round && one.baseDigest);
    return named?.baseDigest ?? null;
  }

  async function keepAdded(next: readonly StoreAddress[]): Promise<void> {
    await addedFile.write(next.map(printStoreAddress));
    added = [...next];
    await readStores();
    show();
  }

  const remove = (sourceId: string): Promise<void> =>
    editing(() => keepAdded(added.filter((address) => readStore(address, 'added').id !== sourceId)));

  const addAddress = (address: StoreAddress): Promise<string> =>
    editing(async () => {
      const store = readStore(address, 'added');
      const isThere = stores.some(({ id }) => id === store.id);
      if (!isThere && stores.length >= SOURCES_MAX)
        throw new AppError('MODEL_SOURCES_FULL', { most: SOURCES_MAX });
      if (!isThere) await keepAdded([...added, address]);
      return store.id;
    });

  await readStores();
  show();

  return {
    get view() {
      return view;
    },
    get downloads() {
      return downloads.all;
    },
    look: (how) => inTurn(() => look(how)),
    async roundsChanged() {
      own = await options.ownRounds();
      show();
    },
    addAddress,
    add: async (typed) => addAddress(readAddress(typed)),
    remove,
    async removeAddress(typed) {
      await remove(readStore(readAddress(typed), 'added').id);
    },
    async download(sourceId, tag) {
      const store = stores.find(({ id }) => id === sourceId);
      const state = looked.get(sourceId)?.states.find((one) => one.tag === tag && one.kind === 'state');
      if (!store || !state) throw new AppError('MODEL_NOT_LISTED', { tag });
      return downloads.begin(store, state);
    },
    resume: (id) => downloads.resume(id, stores),
    cancel: downloads.cancel,
    check: downloads.check,
    exportTo: downloads.exportTo,
    async delete(id) {
      await writer.letGo(id);
      await downloads.delete(id);
    },
    write: (id, prompt) => writer.write(id, downloads.folderOf(id), prompt),
    stopText: writer.stopText,
    idle: async () =>
      void (await Promise.all([inTurn(async () => undefined), downloads.idle(), writer.idle()])),
    async stop() {
      stopping.abort();
      await Promise.all([inTurn(async () => undefined), downloads.idle(), writer.stop()]);
    },
  };
}

/** @throws {AppError} MODEL_SOURCE_UNKNOWN */
function readAddress(typed: string): StoreAddress {
  const address = typedStoreAddress(typed);
  if (!address) throw new AppError('MODEL_SOURCE_UNKNOWN', { typed: typed.slice(0, 100) });
  return address;
}
