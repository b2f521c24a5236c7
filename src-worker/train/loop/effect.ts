import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { draw } from '../../../src-shared/pages.ts';
import type { Batch } from '../engine/engine.ts';
import { DRAWS_PASSED_OVER, EVALUATION_SLICE_WINDOWS, RANDOM_PAGES } from '../limits.ts';
import { PAGES_WITHOUT_TEXT } from '../pages/limits.ts';
import { sliceBatch } from '../pages/packing.ts';
import type { Page } from '../pages/page-source.ts';
import { takenIn, Undecodable } from '../state/contribution-source.ts';
import type { VectorSource } from '../vector-source.ts';
import type { Assignment } from './assignment.ts';
import { type BaseOfRound, baseAtOpening } from './opening-base.ts';
import { assignmentIn, type Trainer, takeTurn } from './trainer.ts';

type Asked = ParamsOf<TrainContract, 'effect'>;
type Effect = ResultOf<TrainContract, 'effect'>;

/**
 * What a contribution does to the loss of text that its miner says it trained on, and of text that nobody knew it would
 * be held against. Training waits for a few sequences at a time.
 * @throws {AppError} NOT_NOW where the base of that round is no longer kept; what keeps its text from being had
 */
export async function effect(trainer: Trainer, asked: Asked, signal: AbortSignal): Promise<Effect> {
  const base = await baseAtOpening(trainer, asked.round);
  const own = await claimedStretch(trainer, asked, signal);
  if (!own) return { kind: 'other-page' };
  const others = await randomText(trainer, asked, own.length, signal);
  const { replica } = trainer;
  const newest = replica.base;
  const moved = takenIn(replica, base.base, asked);
  const look = (at: VectorSource) => lossesAt(trainer, base, at, [...own, ...others], signal);
  try {
    const before = await look(base.base);
    const agreed = newest === base.base ? before : await look(newest);
    const after = await look(moved);
    if (!after.every(Number.isFinite)) return { kind: 'not-finite' };
    const part = (from: number, to?: number) => ({
      before: mean(before.slice(from, to)),
      after: mean(after.slice(from, to)),
      agreed: mean(agreed.slice(from, to)),
    });
    const passes = agreed === before ? 2 : 3;
    const tokens = passes * before.length * trainer.consensus.model.context;
    return { kind: 'measured', assigned: part(0, own.length), random: part(own.length), tokens };
  } catch (thrown) {
    if (thrown instanceof Undecodable) return { kind: 'undecodable' };
    throw thrown;
  }
}

/** Sequences of the claimed page; null where it was not assigned, or is not what was claimed of it. */
async function claimedStretch(trainer: Trainer, asked: Asked, signal: AbortSignal): Promise<Batch[] | null> {
  const { page: claim, sequences } = asked;
  if (!(await isAssigned(assignmentIn(trainer, asked), claim, signal))) return null;
  const page = await trainer.corpus.loadPage(claim.index, signal);
  if (page.sha256 !== claim.sha256 || claim.sequences > page.sequences) return null;
  return stretch(page, randomPages(trainer, asked), { of: claim.sequences, sequences });
}

/** A page that is drawn again, or has no text, is listed once or not at all: those behind it move up in the record. */
async function isAssigned(
  assignment: Assignment,
  { draw: first, index }: Asked['page'],
  signal: AbortSignal,
): Promise<boolean> {
  for (let k = first; k <= first + DRAWS_PASSED_OVER; k += 1)
    if ((await assignment.drawn(k, signal)) === index) return true;
  return false;
}

/**
 * As many sequences, of several pages that the nonce draws: one page may be about what the miner's own are about, and is
 * then helped as much as these.
 */
async function randomText(
  trainer: Trainer,
  asked: Asked,
  sequences: number,
  signal: AbortSignal,
): Promise<Batch[]> {
  const random = randomPages(trainer, asked);
  const ofEach = Math.ceil(sequences / RANDOM_PAGES);
  const text: Batch[] = [];
  for (let k = 0; text.length < sequences; k += 1) {
    if (k === PAGES_WITHOUT_TEXT) throw new AppError('TEXT_NONE', { pages: k });
    const page = await trainer.corpus.loadPage(await random.drawn(k, signal), signal);
    const most = Math.min(ofEach, sequences - text.length);
    if (page.sequences > 0) text.push(...stretch(page, random, { of: page.sequences, sequences: most }));
  }
  return text;
}

const randomPages = (trainer: Trainer, { round, hotkey, blockHash, nonce }: Asked): Assignment =>
  assignmentIn(trainer, { round, hotkey, blockHash, purpose: { kind: 'random', nonce } });

/** Sequences one behind the other out of a page's first `of`; all of these where there are no more. */
function stretch(
  { tokens, index }: Page,
  { seed, context }: Assignment,
  { of, sequences }: { readonly of: number; readonly sequences: number },
): Batch[] {
  const length = Math.min(sequences, of);
  const first = draw(concatBytes(seed, utf8ToBytes(`stretch of ${index}`)), 0, of - length + 1);
  return Array.from({ length }, (_, i) => sliceBatch(tokens, context, first + i, 1));
}

/** Mean loss of each sequence at these weights, a few in a turn. */
async function lossesAt(
  trainer: Trainer,
  { check }: BaseOfRound,
  weights: VectorSource,
  sequences: readonly Batch[],
  signal: AbortSignal,
): Promise<number[]> {
  const { engine } = trainer;
  const losses: number[] = [];
  for (let from = 0; from < sequences.length; from += EVALUATION_SLICE_WINDOWS) {
    const slice = sequences.slice(from, from + EVALUATION_SLICE_WINDOWS);
    const look = () => {
      check();
      return engine.atBase(weights, () => engine.losses(slice));
    };
    losses.push(...(await takeTurn(trainer, look, signal)));
  }
  return losses;
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
