import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { diskError } from '../../src-node/disk-error.ts';
import { publish, replaceFile, syncTree } from '../../src-node/durable.ts';
import { finite, shortText } from '../../src-shared/contract/fields.ts';
import type { AddedEngineId, AddedEngineView, EngineState } from '../../src-shared/contract/page/engines.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { type Adding, addTensorFlow, bytesBelow } from './add-tensorflow.ts';
import { engineFolder, enginesFolder } from './place.ts';

/** Written last into an engine's folder: one without it was never whole. */
const RECORD = 'engine.json';
const recordSchema = v.object({ description: shortText, bytes: finite, addedAtMs: finite });

export interface EnginesOptions {
  readonly dataDir: string;
  log(line: string): void;
  told(engines: readonly AddedEngineView[]): void;
  /** Holds the folder against another Butterfly for as long as something is added or removed. */
  lock(folder: string): Promise<{ release(): Promise<void> }>;
  /** @throws {AppError} where something may be using what lies there: it is neither replaced nor removed then */
  assertUnused(id: AddedEngineId): Promise<void>;
  /** What puts an engine together; another one in tests. */
  readonly add?: (adding: Adding) => Promise<{ readonly description: string }>;
}

/** Engines that a user adds: each in a folder of its own, which is there whole or not at all. */
export interface Engines {
  readonly all: readonly AddedEngineView[];
  /** Looks again at what lies there. */
  refresh(): Promise<void>;
  /**
   * Resolves once it is there, or rejects with why it is not; both show in `all`.
   * @throws {AppError} ENGINE_BUSY, at once, while it is being added or removed; ENGINE_IN_USE
   */
  add(id: AddedEngineId): Promise<void>;
  /** Ends an adding under way; what was downloaded is kept for the next. */
  cancel(id: AddedEngineId): Promise<void>;
  /**
   * @returns whether anything lay there
   * @throws {AppError} as `add` does
   */
  remove(id: AddedEngineId): Promise<boolean>;
  stop(): Promise<void>;
}

export async function openEngines(options: EnginesOptions): Promise<Engines> {
  const { dataDir, log, told, lock, assertUnused, add = addTensorFlow } = options;
  const id: AddedEngineId = 'tensorflow';
  const place = enginesFolder(dataDir);
  const folder = engineFolder(dataDir, id);
  /** A folder that nobody else works in: a Butterfly that was killed may leave one, and programs that are just ending. */
  const aside = (end: 'new' | 'old') => join(place, `.${id}.${randomBytes(6).toString('hex')}.${end}`);
  await tidy();
  let state: EngineState = await stateIn(folder);
  let problem: CodedError | null = null;
  let work: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  const all = (): readonly AddedEngineView[] => [{ id, state, problem }];
  const show = (next: EngineState, why: CodedError | null = null) => {
    state = next;
    problem = why;
    told(all());
  };
  told(all());

  /** One piece of work at a time, with the folder held. */
  function working<T>(begins: EngineState, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (work) throw new AppError('ENGINE_BUSY');
    const stop = new AbortController();
    const done = held(begins, () => run(stop.signal)).finally(() => {
      work = null;
    });
    work = { stop, done: done.then(noMatter, noMatter) };
    return done;
  }

  async function held<T>(begins: EngineState, run: () => Promise<T>): Promise<T> {
    show(begins);
    try {
      await refuseIfUsed();
      const hold = await lock(place).catch((thrown: unknown) => {
        throw thrown instanceof AppError && thrown.code === 'DATA_DIR_IN_USE'
          ? new AppError('ENGINE_BUSY')
          : thrown;
      });
      const answer = await run().finally(() => hold.release());
      show(await stateIn(folder));
      return answer;
    } catch (thrown) {
      const error = toCodedError(thrown);
      log(`engine ${id}: ${thrown}`);
      // As it is and not as it was wished: the engine of before may be there still.
      show(await stateIn(folder), error.code === 'CANCELLED' ? null : error);
      throw thrown;
    }
  }

  async function refuseIfUsed(): Promise<void> {
    if (existsSync(folder)) await assertUnused(id);
  }

  async function put(signal: AbortSignal): Promise<void> {
    const downloads = join(place, '.downloads');
    const fresh = aside('new');
    try {
      const { description } = await add({
        ...{ folder: fresh, downloads, signal, log },
        told: (stage, share) => show({ kind: 'adding', stage, share }),
      });
      const record = { description, bytes: await bytesBelow(fresh), addedAtMs: Date.now() };
      // Before the record says so: it has to be whole after a power cut, too.
      await syncTree(fresh);
      await replaceFile(join(fresh, RECORD), JSON.stringify(record));
      // A run may have begun with the one of before meanwhile.
      await refuseIfUsed();
      await clear();
      await publish(fresh, folder);
      await rm(downloads, { recursive: true, force: true });
    } catch (thrown) {
      await rm(fresh, { recursive: true, force: true });
      if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
      throw diskError(thrown, place);
    }
  }

  /**
   * What a Butterfly left behind that ended in between: an engine that lacked nothing but its name gets it, and what was
   * not finished goes. Another one that is at it is left alone.
   */
  async function tidy(): Promise<void> {
    if ((await leftBehind()).length === 0) return;
    const hold = await lock(place).catch(() => null);
    if (!hold) return;
    try {
      // Asked again: before the lock was ours it may have been somebody's work.
      for (const path of await leftBehind()) {
        const isWhole = path.endsWith('.new') && (await stateIn(path)).kind === 'there';
        if (isWhole && !existsSync(folder)) await publish(path, folder);
        else await rm(path, { recursive: true, force: true });
      }
    } catch (thrown) {
      log(`engine ${id}: what was left behind stays: ${thrown}`);
    } finally {
      await hold.release();
    }
  }

  async function leftBehind(): Promise<readonly string[]> {
    const names = await readdir(place).catch(() => []);
    return names
      .filter((name) => name.startsWith(`.${id}.`) && /\.(?:new|old)$/.test(name))
      .map((name) => join(place, name));
  }

  /** Out of the way with one renaming, so that nobody meets half of it. */
  async function clear(): Promise<boolean> {
    const gone = aside('old');
    try {
      await rename(folder, gone);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw diskError(thrown, folder);
    }
    await rm(gone, { recursive: true, force: true }).catch((thrown: unknown) => {
      log(`engine ${id}: ${gone} goes at the next start: ${thrown}`);
    });
    return true;
  }

  return {
    get all() {
      return all();
    },
    async refresh() {
      if (work) return;
      const found = await stateIn(folder);
      if (!work) show(found, found.kind === state.kind ? problem : null);
    },
    add: () => working({ kind: 'adding', stage: 'packages', share: null }, put),
    async cancel() {
      const { stop, done } = work ?? {};
      stop?.abort();
      await done;
    },
    remove: () => working({ kind: 'removing' }, clear),
    async stop() {
      work?.stop.abort();
      await work?.done;
    },
  };
}

const noMatter = () => undefined;

async function stateIn(folder: string): Promise<EngineState> {
  try {
    const { description, bytes } = v.parse(
      recordSchema,
      JSON.parse(await readFile(join(folder, RECORD), 'utf8')),
    );
    return { kind: 'there', description, bytes };
  } catch {
    return { kind: 'absent' };
  }
}
