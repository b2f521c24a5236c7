import { join } from 'node:path';
import type { Notices } from '../../src-node/notices.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { PublishingView, StoreTested } from '../../src-shared/contract/page/publishing.ts';
import { AppError, describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { parseStoreAddress, type StoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Store } from '../store/store.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import type { Tokens } from '../vault/tokens.ts';
import { openPlace, placeName } from './chosen-place.ts';
import { type UploadJob, uploadJobs } from './jobs.ts';
import { reasonJson } from './kept-reason.ts';
import {
  HELD_BYTES_PER_SECOND,
  ORDERS_MAX,
  PUBLISH_CALL_LIMIT_MS,
  TRIAL_LIMIT_MS,
  UPLOAD_LIMIT_MS,
} from './limits.ts';
import { type PublishedRun, prepare, type RoundOf } from './prepare.ts';
import { readPlace } from './read-place.ts';
import type { SharedPublish } from './shared-publish.ts';
import { publishDir } from './start-publish.ts';
import { storeSource } from './store-source.ts';
import { watchUploads } from './upload-watch.ts';

export interface PublisherOptions {
  readonly dataDir: string;
  readonly extraEnv: ExtraEnv;
  readonly publish: Pick<SharedPublish, 'client' | 'now' | 'onReady'>;
  readonly notices: Notices;
  readonly store: Pick<Store, 'add' | 'uploads'>;
  readonly tokens: Pick<Tokens, 'reveal'>;
  settings(): SettingValues;
  /** Each time something of it changes. */
  shown(view: PublishingView): void;
  log(line: string): void;
}

/** What of a committed round is to be published. */
export interface PublishOrder {
  readonly run: PublishedRun;
  readonly runId: number;
  readonly kind: 'state' | 'update';
  readonly of: RoundOf;
  readonly isPublic: boolean;
}

/** What is published, one thing after another: files are made, kept as a job, sent, and taken away again. */
export interface Publisher {
  /** Returns at once. Of one run a newer order takes the place of one that has not begun. */
  order(order: PublishOrder): void;
  /** Whether a run averages just now: then the uplink is the round's, but for what keeps connections open. */
  setAveraging(hotkey: Ss58, isAveraging: boolean): void;
  /** Tries the chosen place with its key. @throws {AppError} STORE_NOT_CHOSEN, of the token, or of the store */
  test(signal: AbortSignal): Promise<StoreTested>;
  /**
   * Where states of that run are had: the store that the settings name, and those that its members tell.
   * @param told asked whenever a state is wanted; where it fails the settings' store is there all the same
   */
  sourceOf(
    run: Pick<PublishedRun, 'consensus' | 'profileHash'>,
    told: (signal: AbortSignal) => Promise<readonly StoreAddress[]>,
  ): ReturnType<typeof storeSource>;
  /** Another place, or another pace: what waits is tried again. */
  settingsChanged(): void;
  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** What is the same at every further try. */
const isHopeless = (code: ErrorCode): boolean =>
  code === 'STORE_STATE_DIFFERS' || code === 'PUBLISH_FOLDER_UNFIT';

/** Told of a store, and taken back once something is there again. */
const isOfStore = (code: ErrorCode): boolean => /^(?:STORE|TOKEN|PUBLISH)_/.test(code);

export function startPublisher(options: PublisherOptions): Publisher {
  const { dataDir, extraEnv, publish, notices, store, tokens, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const jobs = uploadJobs(join(publishDir(dataDir), 'uploads'), notices.notice);
  const watch = watchUploads(options);
  const averaging = new Set<Ss58>();
  const told = new Set<ErrorCode>();
  let orders: PublishOrder[] = [];
  let working: Promise<void> | null = null;
  /** What an earlier start left is looked for once. */
  let left: UploadJob[] | null = null;

  function wake(): void {
    working ??= work()
      .finally(() => watch.set(null, null))
      .then(
        () => {
          working = null;
          // Ordered in the very moment in which nothing was left.
          if (orders.length > 0 && !signal.aborted && placeName(options.settings()) !== null) wake();
        },
        // Whatever it was, it is there again at once: what waits is for the next order, or another setting, to begin.
        (thrown: unknown) => {
          working = null;
          tell(thrown);
        },
      );
  }

  /** One thing after another, what lies ready first: so of each run no more than one is on the disk. */
  async function work(): Promise<void> {
    left ??= [...(await jobs.left())];
    while (!signal.aborted && placeName(options.settings()) !== null) {
      const job = left[0] ?? (await makeNext());
      if (!job) return;
      if (left[0] !== job) left.push(job);
      await send(job);
      left.shift();
    }
  }

  /** Of the account that a key belongs to only the Hub knows the name. */
  function shownPlace(repositoryName: string): string {
    const name = placeName(options.settings()) ?? '';
    return name === 'hub:' ? `hub:…/${repositoryName}` : name;
  }

  async function makeNext(): Promise<UploadJob | null> {
    const order = orders.shift();
    if (!order) return null;
    const { run, runId, kind, of, isPublic } = order;
    const name = `${run.hotkey}-${of.round}`;
    watch.set(
      {
        ...{ kind, round: of.round, phase: 'making', doneBytes: 0, allBytes: 0 },
        place: shownPlace(repositoryOf(run)),
      },
      name,
    );
    const made = await prepare(run, kind, of, jobs.contentOf(name), { extraEnv, log, signal });
    const { tag, round } = made;
    const repositoryName = repositoryOf(run);
    const job = { name, hotkey: run.hotkey, runId, tag, kind, round, isPublic, repositoryName };
    await jobs.keep(job);
    return job;
  }

  /** Sends what lies ready. What cannot be sent now stays, for after the next round and for the next start. */
  async function send(job: UploadJob): Promise<void> {
    const values = options.settings();
    const { runId, tag, kind, round } = job;
    const row = { runId, tag, place: shownPlace(job.repositoryName), kind, round, atMs: Date.now() };
    const beganMs = performance.now();
    watch.set(
      { ...{ kind, round, phase: 'checking', doneBytes: 0, allBytes: 0 }, place: row.place },
      job.name,
    );
    try {
      const opened = await openPlace(values, job.repositoryName, tokens);
      if (!opened) throw new AppError('STORE_NOT_CHOSEN');
      const client = await publish.client(withLimit(signal, PUBLISH_CALL_LIMIT_MS));
      const asked = {
        ...{ job: job.name, store: opened.place, secret: opened.secret, folder: jobs.contentOf(job.name) },
        ...{ keepStates: values['publishing.keepStates'], isPublic: job.isPublic },
      };
      const { sentBytes, foundBytes } = await client.call(
        'store.upload',
        asked,
        withLimit(signal, UPLOAD_LIMIT_MS),
      );
      store.add('upload', {
        ...row,
        sentBytes,
        foundBytes,
        durationMs: performance.now() - beganMs,
        code: null,
        paramsJson: null,
      });
      await jobs.done(job);
      takeBack();
    } catch (thrown) {
      const { code, params } = toCodedError(thrown);
      const none = { sentBytes: null, foundBytes: null, durationMs: null };
      if (code !== 'CANCELLED')
        store.add('upload', { ...row, ...none, code, paramsJson: reasonJson(params) });
      if (!isHopeless(code)) throw thrown;
      await jobs.done(job);
      tell(thrown);
    } finally {
      watch.ended();
    }
  }

  function tell(thrown: unknown): void {
    const error = toCodedError(thrown);
    if (signal.aborted || error.code === 'CANCELLED') return;
    log(`publishing: ${error.code}: ${describeError(error).sentence}`);
    if (!isOfStore(error.code)) return;
    told.add(error.code);
    notices.notice(error);
  }

  function takeBack(): void {
    for (const code of told) notices.clearNotice(code);
    told.clear();
  }

  function repace(): void {
    const client = publish.now;
    if (!client) return;
    const kilobytes = options.settings()['publishing.rate'];
    const bytesPerSecond =
      averaging.size > 0 ? HELD_BYTES_PER_SECOND : kilobytes === 0 ? null : 1_000 * kilobytes;
    void client
      .call('store.pace', { bytesPerSecond }, withLimit(signal, PUBLISH_CALL_LIMIT_MS))
      .catch((thrown: unknown) => signal.aborted || log(`pace of publishing: ${thrown}`));
  }

  const off = publish.onReady(repace);

  return {
    order(order) {
      const isSame = ({ run }: PublishOrder) => run.hotkey === order.run.hotkey;
      // A whole state that was due stays due: it is made of what the run stands on by then.
      const isStateDue = orders.some((older) => isSame(older) && older.kind === 'state');
      const newest = isStateDue ? { ...order, kind: 'state' as const } : order;
      orders = [...orders.filter((older) => !isSame(older)), newest].slice(-ORDERS_MAX);
      wake();
    },
    setAveraging(hotkey, isAveraging) {
      if (averaging.has(hotkey) === isAveraging) return;
      if (isAveraging) averaging.add(hotkey);
      else averaging.delete(hotkey);
      watch.setHeld(averaging.size > 0);
      repace();
    },
    async test(caller) {
      const opened = await openPlace(options.settings(), TRIED_REPOSITORY, tokens);
      if (!opened) throw new AppError('STORE_NOT_CHOSEN');
      const limited = withLimit(AbortSignal.any([caller, signal]), TRIAL_LIMIT_MS);
      const client = await publish.client(limited);
      const asked = { job: 'trial', store: opened.place, secret: opened.secret };
      return client.call('store.test', asked, limited);
    },
    sourceOf: ({ consensus, profileHash }, told) =>
      storeSource({
        ...{ publish, consensus, profileHash, extraEnv, log },
        folder: join(publishDir(dataDir), 'downloads'),
        async places(caller) {
          const chosen = parseStoreAddress(options.settings()['publishing.from']);
          const others = await told(caller).catch((thrown: unknown) => {
            caller.throwIfAborted();
            log(`stores that members tell: ${thrown}`);
            return [];
          });
          return [...(chosen ? [chosen] : []), ...others].map(readPlace);
        },
      }),
    settingsChanged() {
      // Of another place, or of none; what still keeps states from going is told again.
      takeBack();
      repace();
      wake();
    },
    idle: () => working ?? Promise.resolve(),
    async stop() {
      stopping.abort();
      off();
      await working;
      watch.stop();
    },
  };
}

/** Where a key is tried that is to make a repository for each run: there is none of a run yet. */
const TRIED_REPOSITORY = 'butterfly-trial';

/** As the subnet's miners name theirs: one repository a run and hotkey. */
export const repositoryOf = ({ consensus, hotkey }: Pick<PublishedRun, 'consensus' | 'hotkey'>): string =>
  `sn${consensus.chain.netuid}-${consensus.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}-${hotkey.slice(0, 8)}`.slice(
    0,
    96,
  );
