import { corpusDir } from '../../src-main/entry-path.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { shippedConsensus } from '../../src-shared/profile/shipped.ts';
import type { Batch } from '../../src-worker/train/engine/engine.ts';
import { type EmbeddedCorpus, openEmbeddedCorpus } from '../../src-worker/train/pages/corpus.ts';
import { type Arm, PEERS } from './arms.ts';
import { runOf, type Standing } from './runs.ts';
import { heldOutBatches, meanLoss, validationBatches } from './text.ts';

/** What is asked of a run. */
export interface Asked {
  readonly arm: Arm;
  readonly seed: number;
  /** Of all peers. */
  readonly tokens: number;
  /** On what the loss is taken: settings are chosen on a part of the training text that nobody trains on. */
  readonly text: 'held-out' | 'validation';
}

export interface Point {
  readonly tokens: number;
  /** Mean next-token cross-entropy in nats, on a fixed part of the text. */
  readonly loss: number;
}

export interface Learned {
  readonly curve: readonly Point[];
  /** On the whole text, at the end. */
  readonly loss: number;
  readonly tokens: number;
  /** Sent by a peer. */
  readonly sentBytes: number;
  /** Seconds of this thread, looking at the loss included. */
  readonly seconds: number;
}

/** A point of a curve each so many tokens, from one batch of the text in six. */
const POINT_TOKENS = 65_536;
const POINT_STRIDE = 6;
const PAGE_SEQUENCES = 64;

/** Trains an arm from its first weights on and looks at its loss. */
export async function learn({ arm, seed, tokens, text }: Asked): Promise<Learned> {
  const began = performance.now();
  const consensus = practice();
  const { context } = consensus.model;
  const corpus = await openEmbeddedCorpus(corpusDir(), { context, pageSequences: PAGE_SEQUENCES });
  const { heldOut } = corpus;
  const train = await trainingText(corpus, context);
  const whole = text === 'held-out' ? heldOutBatches(heldOut, context) : validationBatches(train, context);
  const part = whole.filter((_, i) => i % POINT_STRIDE === 0);
  const curve: Point[] = [];
  let last: Standing | null = null;
  let loss = Number.NaN;
  const run = runOf({ consensus, train, tokens, seed }, arm);
  for await (const standing of run) {
    last = standing;
    const isLast = tokens - standing.tokens < strideOf(arm, context);
    if (standing.tokens >= (curve.at(-1)?.tokens ?? 0) + POINT_TOKENS || isLast)
      curve.push({ tokens: standing.tokens, loss: await lossOn(standing, part) });
    if (isLast) loss = await lossOn(standing, whole);
  }
  if (!last) throw new RangeError('not one round');
  const seconds = (performance.now() - began) / 1_000;
  return { curve, loss, tokens: last.tokens, sentBytes: last.sentBytes, seconds };
}

/** Tokens from one stand to the next. */
const strideOf = (arm: Arm, context: number): number =>
  context * arm.sequences * (arm.kind === 'synchronous' ? 1 : PEERS * arm.steps);

/** All pages, one behind the other. */
async function trainingText(corpus: EmbeddedCorpus, context: number): Promise<Uint16Array> {
  const stride = PAGE_SEQUENCES * context;
  const text = new Uint16Array(corpus.pageCount * stride + 1);
  const never = new AbortController().signal;
  for (let page = 0; page < corpus.pageCount; page++)
    text.set((await corpus.loadPage(page, never)).tokens, page * stride);
  return text;
}

async function lossOn({ model }: Standing, batches: readonly Batch[]): Promise<number> {
  return meanLoss(batches, await model.engine.losses(batches));
}

/** The shipped profile of practices: its model, its codec's numbers. */
const practice = (): Consensus => shippedConsensus()[0]!;
