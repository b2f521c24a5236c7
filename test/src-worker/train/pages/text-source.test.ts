import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'gpt-tokenizer/encoding/r50k_base';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TextState } from '../../../../src-shared/contract/train.ts';
import type { CodedError } from '../../../../src-shared/errors/app-error.ts';
import { drawPair } from '../../../../src-shared/pages.ts';
import { hubManifest } from '../../../../src-shared/text-manifest.ts';
import { openEmbeddedCorpus } from '../../../../src-worker/train/pages/corpus.ts';
import type { TextThreadStart } from '../../../../src-worker/train/pages/text-messages.ts';
import { TextSource } from '../../../../src-worker/train/pages/text-source.ts';
import { packCorpus } from '../../../../tools/tasks/pack-corpus.ts';
import { type DatasetHub, startDatasetHub } from '../../../fakes/hub/data-sets.ts';
import { fixture } from './parquet/fixtures.ts';

const CONTEXT = 16;
const seed = new Uint8Array(32).fill(3);
/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(60_000);
});

let corpusDir: string;
let folder: string;
let hub: DatasetHub;
let source: TextSource;
let states: TextState[];
let notices: CodedError[];

beforeAll(() => {
  corpusDir = packCorpus();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-text-'));
  hub = await startDatasetHub({
    files: { 's/0.parquet': fixture('snappy'), 's/1.parquet': fixture('v2-dictionary') },
  });
  states = [];
  notices = [];
});

afterEach(async () => {
  await source?.stop();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<TextThreadStart> = {}, patienceMs?: number): Promise<TextSource> {
  const manifest = hubManifest({ id: hub.id, commit: hub.commit, shards: hub.shards() });
  const dataset = {
    kind: 'hub',
    id: hub.id,
    revision: hub.commit,
    path: 's',
    column: 'text',
    manifest,
  } as const;
  source = await TextSource.start(
    {
      ...{ dataset, corpusDir, folder, hubUrl: hub.hubUrl, textFolder: null },
      ...{ tokenizer: 'gpt2', context: CONTEXT, quotaBytes: 1e9 },
      ...options,
    },
    {
      told: { notice: (error) => void notices.push(error), clearNotice: () => {} },
      stated: (state) => void states.push(state),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    },
    signal,
  );
  return source;
}

describe('the thread of training text', () => {
  it('gives the page that a draw means, and from the disk after a restart', async () => {
    const first = await start();
    const index = await first.draw(drawPair(seed, 0), signal);
    const page = await first.loadPage(index, signal);
    expect(page.sequences).toBeGreaterThan(20);
    await first.stop();
    await hub.close();
    const again = await start();
    expect(await again.draw(drawPair(seed, 0), signal)).toBe(index);
    expect(await again.loadPage(index, signal)).toEqual(page);
    expect(states.at(-1)).toMatchObject({ wait: null, isUnassigned: false, keptPages: 1 });
  });

  it('gets pages ahead, so that they are here when they are asked for', async () => {
    const text = await start();
    const pairs = [0, 1, 2].map((k) => drawPair(seed, k));
    text.ahead(pairs);
    await expect.poll(() => states.at(-1)?.keptPages, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    const asked = hub.requests.length;
    await text.loadPage(await text.draw(pairs[0]!, signal), signal);
    expect(hub.requests).toHaveLength(asked);
  });

  it('tells why nothing comes and until when, and that it comes again', async () => {
    const text = await start();
    hub.setFault(({ part }) =>
      part === 'api' ? { kind: 'status', status: 429, headers: { ratelimit: '"api";r=0;t=3000' } } : null,
    );
    const aborted = new AbortController();
    const drawing = text.draw(drawPair(seed, 0), aborted.signal);
    await expect.poll(() => states.at(-1)?.wait?.reason).toBe('rate-limit');
    expect(states.at(-1)!.wait!.untilMs).toBeGreaterThan(Date.now() + 2_900_000);
    aborted.abort();
    await expect(drawing).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('says what is final, and can be asked again', async () => {
    const text = await start();
    hub.setFault(({ part }) => (part === 'api' ? { kind: 'status', status: 401 } : null));
    await expect(text.draw(drawPair(seed, 0), signal)).rejects.toMatchObject({ code: 'TEXT_REFUSED' });
    hub.setFault(() => null);
    await expect(text.draw(drawPair(seed, 0), signal)).resolves.toBeGreaterThanOrEqual(0);
  });

  it('stands in with what is kept, in a fixed rotation, and else with the text of the app', async () => {
    const text = await start();
    const embedded = await text.spare(0, signal);
    expect(embedded.sequences).toBeGreaterThan(1_000);
    expect(await text.spare(0, signal)).toEqual(embedded);
    const kept = await text.loadPage(await text.draw(drawPair(seed, 0), signal), signal);
    expect(await text.spare(0, signal)).toEqual(kept);
    expect(await text.spare(1, signal)).toEqual(kept);
  });

  it('has held-out text in the tokens of the run, the same as the corpus spells', async () => {
    const text = await start();
    const practice = await openEmbeddedCorpus(corpusDir, { context: 64, pageSequences: 64 });
    expect(text.heldOut.length).toBeGreaterThan(practice.heldOut.length / 2);
    expect(text.heldOut.length).toBeLessThan(practice.heldOut.length);
    expect(Array.from(text.heldOut.subarray(0, 40))).toEqual(expect.not.arrayContaining([4_095]));
    const words = (await import('gpt-tokenizer/encoding/r50k_base')).decode(text.heldOut.subarray(0, 200));
    expect(encode(words, { disallowedSpecial: new Set() }).length).toBeLessThanOrEqual(201);
  });

  it('is out of reach once it was waited for too long, whether servers refuse or are silent', async () => {
    const text = await start({}, 1);
    hub.setFault(() => ({ kind: 'silent' }));
    const stop = new AbortController();
    const drawing = text.draw(drawPair(seed, 0), stop.signal).catch(() => null);
    await text.outOfReach(signal);
    expect(signal.aborted).toBe(false);
    stop.abort();
    await drawing;
  });

  it('that nobody waits for is not out of reach', async () => {
    const text = await start({}, 1);
    await text.loadPage(await text.draw(drawPair(seed, 0), signal), signal);
    const stop = new AbortController();
    let isOut = false;
    const watching = text.outOfReach(stop.signal).then(() => {
      isOut = !stop.signal.aborted;
    });
    await text.spare(0, signal);
    stop.abort();
    await watching;
    expect(isOut).toBe(false);
  });

  it('that cannot begin says why', async () => {
    const starting = start({ corpusDir: join(folder, 'nothing') });
    await expect(starting).rejects.toMatchObject({ code: 'CORPUS_CORRUPT' });
  });

  it('ends what waits for it when it is stopped', async () => {
    const text = await start();
    hub.setFault(() => ({ kind: 'silent' }));
    const drawing = text.draw(drawPair(seed, 0), signal);
    await expect.poll(() => hub.requests.length).toBeGreaterThan(0);
    const ended = expect(drawing).rejects.toMatchObject({ code: 'CANCELLED' });
    await text.stop();
    await ended;
  });
});
