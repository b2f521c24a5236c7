import { pause } from '../../../src-node/waits.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import { SAMPLE_PROMPTS, type TrainContract } from '../../../src-shared/contract/train.ts';
import { SAMPLE_SHARE, SAMPLE_SLICE_MS } from '../limits.ts';
import { endOfTextOf } from '../pages/tokenizers.ts';
import { promptIn } from '../sample/prompt.ts';
import { SAMPLING } from '../sample/sampling.ts';
import { writeText } from '../sample/write-text.ts';
import { whole } from '../vector-source.ts';
import { loopActivity } from './loop.ts';
import type { Trainer } from './trainer.ts';

/**
 * Text that the committed base writes. It is computed here, beside the engine and without a turn on it (decision 0021):
 * in short slices with rests between them, and not at all while a whole group waits for this process.
 */
export async function sample(
  trainer: Trainer,
  { prompt: index, tokens, seed }: ParamsOf<TrainContract, 'sample'>,
  signal: AbortSignal,
): Promise<ResultOf<TrainContract, 'sample'>> {
  const { replica, consensus, corpus } = trainer;
  const { base, current } = replica;
  const flat = await whole(base, replica.elements);
  // The table of all tokens is loaded when somebody reads; most processes never do.
  const { gpt2Spelling } = await import('../sample/spelling.ts');
  const spelling = gpt2Spelling();
  // However short a model's context is, the answer has half of it.
  const room = Math.ceil(consensus.model.context / 2);
  const prompt = promptIn(corpus.heldOut, { index, count: SAMPLE_PROMPTS }, spelling).subarray(0, room);
  const endOfText = endOfTextOf(consensus.tokenizer);
  const wanted = { prompt, tokens, sampling: SAMPLING, seed: `butterfly/sample/${seed}`, endOfText };
  const { value: written, workMs } = await restingBetween(
    trainer,
    writeText({ config: consensus.model, flat }, wanted),
    signal,
  );
  return {
    round: current.standing.round,
    prompt: spelling.text(prompt),
    text: spelling.text(written),
    workMs,
  };
}

/** Runs `work` with rests, so that training has nearly all of the time. @returns also how long it worked */
async function restingBetween<T>(
  trainer: Trainer,
  work: Iterator<void, T>,
  signal: AbortSignal,
): Promise<{ readonly value: T; readonly workMs: number }> {
  let workMs = 0;
  for (;;) {
    await trainer.gate.until(() => trainer.urgent === 0, signal);
    signal.throwIfAborted();
    const begunMs = performance.now();
    let sliceMs = 0;
    while (sliceMs < SAMPLE_SLICE_MS) {
      const step = work.next();
      sliceMs = performance.now() - begunMs;
      if (step.done) return { value: step.value, workMs: workMs + sliceMs };
    }
    workMs += sliceMs;
    const share = SAMPLE_SHARE[loopActivity(trainer).kind === 'training' ? 'training' : 'resting'];
    await pause((sliceMs * (1 - share)) / share, signal);
  }
}
