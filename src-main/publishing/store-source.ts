import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../../src-node/durable-json.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { withLimit } from '../../src-node/waits.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import {
  bytesOfFiles,
  LINEAGE_FILE,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  type Manifest,
  PIECES_FILE,
  parseTag,
  readManifest,
  type StoredFile,
} from '../../src-shared/published/manifest.ts';
import { stateStems } from '../../src-shared/published/weight-parts.ts';
import { stateSizeBytes } from '../../src-shared/reduce/state-digest.ts';
import { type LineageEntry, lineageEntrySchema } from '../../src-shared/rounds/messages.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import type { OpenedPlace } from './chosen-place.ts';
import {
  DOWNLOAD_LIMIT_MS,
  HEADERS_BYTES_MAX,
  LINEAGE_BYTES_MAX,
  PIECES_BYTES_MAX,
  PUBLISH_CALL_LIMIT_MS,
  STATES_LOOKED_AT,
  STORE_LOOK_LIMIT_MS,
} from './limits.ts';
import { withModelProcess } from './model-process.ts';
import type { SharedPublish } from './shared-publish.ts';
import { type FeedSink, feedFrom } from './store-feed.ts';

const lineageSchema = v.array(lineageEntrySchema);

export interface StoreSourceOptions {
  /** The stores to be asked, one after the other; read anew each time. */
  places(signal: AbortSignal): Promise<readonly OpenedPlace[]>;
  readonly publish: Pick<SharedPublish, 'client'>;
  readonly consensus: Pick<Consensus, 'model' | 'codec'>;
  readonly profileHash: Hex;
  /** Where files lie while they come. */
  readonly folder: string;
  readonly extraEnv: ExtraEnv;
  log(line: string): void;
}

const isOfNetwork = (code: ErrorCode): boolean =>
  code === 'STORE_UNREACHABLE' || code === 'STORE_BUSY' || code === 'TIMEOUT';

/** A state whose manifest was read, and where it is. */
interface Found {
  readonly at: OpenedPlace;
  readonly manifest: Manifest;
  readonly folder: string;
}

interface WantedHere {
  readonly round: number;
  readonly baseDigest: Hex;
  readonly path: string;
}

interface Sink extends FeedSink {
  manifest(path: string): Promise<boolean>;
}

const isOf = ({ manifest }: Found, { round, baseDigest }: WantedHere): boolean =>
  manifest.baseDigest === baseDigest && parseTag(manifest.tag).outerStep === round + 1;

/** So many bytes and no more: a store may show another manifest when the files are asked for. */
const only = ({ tag }: Manifest, files: readonly StoredFile[]) => ({
  tag,
  names: files.map(({ name }) => name),
  bytesMax: bytesOfFiles(files),
});

/** One state that cannot be read hides no other of its store. */
function nullOfOneState(thrown: unknown): null {
  const { code } = toCodedError(thrown);
  if (code === 'STORE_STATE_DAMAGED' || code === 'STORE_STATE_MISSING') return null;
  throw thrown;
}

/**
 * States in stores, for a run that finds no peer: its list of committed rounds, and its state file, which is made of the
 * published files and has to come to the digest that the chain names.
 */
export function storeSource(options: StoreSourceOptions) {
  const { consensus, profileHash, log } = options;
  const ownName = profileHash.slice(0, 16);
  let asked = 0;

  /**
   * Whole states of this run, newest first, store by store; a store that fails is passed over.
   * @param left stores of which no more is wanted, by whoever reads
   */
  async function* states(signal: AbortSignal, left: ReadonlySet<OpenedPlace>): AsyncGenerator<Found> {
    for (const at of await options.places(signal)) {
      try {
        const { states: listed } = await call('store.list', at, {}, withLimit(signal, STORE_LOOK_LIMIT_MS));
        for (const { tag } of listed.toReversed().slice(0, STATES_LOOKED_AT)) {
          if (left.has(at)) break;
          const found = await look(at, tag, withLimit(signal, STORE_LOOK_LIMIT_MS)).catch(nullOfOneState);
          if (found) yield found;
        }
      } catch (thrown) {
        signal.throwIfAborted();
        log(`states of ${at.place.kind}: ${thrown}`);
      }
    }
  }

  async function look(at: OpenedPlace, tag: string, signal: AbortSignal): Promise<Found | null> {
    const folder = join(options.folder, `${ownName}-${tag}`);
    await mkdir(folder, { recursive: true });
    await call('store.download', at, { tag, names: [], into: folder }, signal);
    const text = await readTextBounded(join(folder, MANIFEST), MANIFEST_BYTES_MAX);
    const manifest = text ? readManifest(text) : null;
    const isOurs = manifest?.kind === 'state' && manifest.run.profileHash === profileHash;
    if (manifest && isOurs) return { at, manifest, folder };
    await rm(folder, { recursive: true, force: true });
    return null;
  }

  async function* lineages(signal: AbortSignal): AsyncGenerator<readonly LineageEntry[]> {
    const left = new Set<OpenedPlace>();
    for await (const found of states(signal, left)) {
      const list = await lineageOf(found, signal).catch((thrown: unknown) =>
        leave(left, found, thrown, signal),
      );
      if (list) yield list;
    }
  }

  async function lineageOf({ at, manifest, folder }: Found, signal: AbortSignal) {
    const file = manifest.files.find(({ name }) => name === LINEAGE_FILE);
    if (!file || file.sizeBytes > LINEAGE_BYTES_MAX) return null;
    await call('store.download', at, { ...only(manifest, [file]), into: folder }, signal);
    const text = await readTextBounded(join(folder, LINEAGE_FILE), LINEAGE_BYTES_MAX);
    const parsed = v.safeParse(lineageSchema, text ? parseJson(text) : null);
    return parsed.success ? parsed.output : null;
  }

  /** A store that lies or breaks off does not stand before the others: whoever has a place on chain may tell one. */
  async function leave(
    left: Set<OpenedPlace>,
    { at, manifest, folder }: Found,
    thrown: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    left.add(at);
    log(`state ${manifest.tag} of ${at.place.kind}: ${thrown}`);
    // What came of a store that was cut off is gone on with; of one that lies there is nothing to go on with.
    if (!isOfNetwork(toCodedError(thrown).code)) await rm(folder, { recursive: true, force: true });
  }

  /** All stores that have the state at once, each until it fails. */
  async function feed(wanted: WantedHere, sink: Sink, signal: AbortSignal): Promise<void> {
    const left = new Set<OpenedPlace>();
    const feeding: Promise<boolean>[] = [];
    for await (const found of states(signal, left)) {
      if (!isOf(found, wanted)) continue;
      // One state of a store is enough.
      left.add(found.at);
      const name = `${found.at.place.kind} ${feeding.length}`;
      // Stores have one state under one tag: what comes of the one must not lie where that of the other does.
      const own = { ...found, folder: `${found.folder}-${feeding.length}` };
      const work = feedOne(own, name, { wanted, sink }, signal);
      feeding.push(
        work.then(
          () => true,
          (thrown: unknown) => leave(left, own, thrown, signal).then(() => false),
        ),
      );
    }
    const wasFed = (await Promise.all(feeding)).includes(true);
    signal.throwIfAborted();
    if (wasFed) await removeDownloads();
  }

  async function feedOne(
    { at, manifest, folder }: Found,
    name: string,
    { wanted, sink }: { readonly wanted: WantedHere; readonly sink: Sink },
    signal: AbortSignal,
  ): Promise<void> {
    const { tag } = manifest;
    if (manifest.files.some((file) => file.name === PIECES_FILE)) {
      await call(
        'store.download',
        at,
        { tag, names: [PIECES_FILE], into: folder, bytesMax: PIECES_BYTES_MAX },
        signal,
      );
      if (!(await sink.manifest(join(folder, PIECES_FILE))))
        throw new AppError('STORE_STATE_DAMAGED', { name: PIECES_FILE, tag, what: 'it is of another state' });
    }
    await feedFrom(
      {
        ...{ name, manifest, scratch: `${wanted.path}.${name.replace(' ', '-')}` },
        tensors: (asked, within) => call('store.tensors', at, { tag, ...asked }, within),
        extent: (asked, within) => call('store.extent', at, { tag, ...asked }, within),
      },
      consensus.model,
      sink,
      signal,
    );
  }

  async function fetch(wanted: WantedHere, signal: AbortSignal): Promise<boolean> {
    const left = new Set<OpenedPlace>();
    let failure: { readonly thrown: unknown } | null = null;
    for await (const found of states(signal, left)) {
      if (!isOf(found, wanted)) continue;
      try {
        await take(found, wanted.path, signal);
        return true;
      } catch (thrown) {
        await leave(left, found, thrown, signal);
        failure ??= { thrown };
      }
    }
    if (failure) throw failure.thrown;
    return false;
  }

  /** Makes the state file of what lies there. @throws {AppError} of the store, or where it comes to another digest */
  async function take({ at, manifest, folder }: Found, into: string, signal: AbortSignal): Promise<void> {
    const { baseDigest } = manifest;
    await call('store.download', at, { ...only(manifest, weightsOf(manifest)), into: folder }, signal);
    await withModelProcess(options, signal, (model, limited) =>
      model.call('importState', { folder, consensus, baseDigest, into }, limited),
    );
    await removeDownloads();
  }

  /** States are gigabytes: what came of this run's is of no use once one of them was taken. */
  async function removeDownloads(): Promise<void> {
    for (const name of await readdir(options.folder))
      if (name.startsWith(`${ownName}-`))
        await rm(join(options.folder, name), { recursive: true, force: true });
  }

  /** What holds numbers, which a model of this size needs so many bytes for, whatever a manifest says. */
  function weightsOf({ tag, files }: Manifest): readonly StoredFile[] {
    const stems = Object.values(stateStems);
    const weights = files.filter(
      ({ name }) => name.endsWith('.safetensors') && stems.some((stem) => name.startsWith(stem)),
    );
    if (bytesOfFiles(weights) > stateSizeBytes(parameterCount(consensus.model)) + HEADERS_BYTES_MAX)
      throw new AppError('STORE_STATE_DAMAGED', {
        name: MANIFEST,
        tag,
        what: 'its files are larger than the model',
      });
    return weights;
  }

  async function call<N extends 'store.list' | 'store.download' | 'store.tensors' | 'store.extent'>(
    name: N,
    { place: store, secret }: OpenedPlace,
    more: object,
    signal: AbortSignal,
  ) {
    const client = await options.publish.client(withLimit(signal, PUBLISH_CALL_LIMIT_MS));
    asked += 1;
    const job = `read-${ownName}-${asked}`;
    return client.call(name, { job, store, secret, ...more } as never, withLimit(signal, DOWNLOAD_LIMIT_MS));
  }

  return { lineages, feed, fetch };
}
