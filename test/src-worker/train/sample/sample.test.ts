import { describe, expect, it } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { xoshiro128 } from '../../../../src-shared/model/xoshiro.ts';
import { IGNORED_TARGET } from '../../../../src-worker/train/engine/engine.ts';
import { createReferenceEngine } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { IncrementalModel } from '../../../../src-worker/train/sample/incremental.ts';
import { drawToken } from '../../../../src-worker/train/sample/sampling.ts';
import { gpt2Spelling } from '../../../../src-worker/train/sample/spelling.ts';
import { type TextWanted, writeText } from '../../../../src-worker/train/sample/write-text.ts';
import { TINY, testBatch, testWeights } from '../engine/support.ts';

const flat = testWeights(TINY);

function run<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

describe('the incremental forward pass', () => {
  it('gives at each position the probabilities of the whole pass in float64', async () => {
    const engine = createReferenceEngine(TINY, 1);
    await engine.load(flat);
    const { ids } = testBatch(TINY, 1);
    const model = new IncrementalModel(TINY, flat, { positions: TINY.context, tokens: TINY.vocab });
    for (let position = 0; position < TINY.context; position++) {
      run(model.advance(ids[position]!, { wanted: true }));
      // The loss of a single target is its negative logarithm.
      const batches = Array.from({ length: TINY.vocab }, (_, token) => {
        const targets = new Uint16Array(TINY.context).fill(IGNORED_TARGET);
        targets[position] = token;
        return { ids, targets };
      });
      const expected = await engine.losses(batches);
      const sum = model.logits.reduce((total, logit) => total + Math.exp(logit), 0);
      const found = Array.from(model.logits, (logit) => Math.log(sum) - logit);
      const apart = found.map((value, token) => Math.abs(value - expected[token]!));
      expect(Math.max(...apart)).toBeLessThan(2e-6);
    }
  });

  it('leaves logits alone that nobody wants', () => {
    const model = new IncrementalModel(TINY, flat, { positions: 2, tokens: TINY.vocab });
    run(model.advance(3, { wanted: false }));
    expect(model.logits.every((logit) => logit === 0)).toBe(true);
    expect(model.position).toBe(1);
  });
});

describe('a token is drawn', () => {
  const logits = Float32Array.of(1, 3, 3, -2, 2.5);

  it('as the likeliest at temperature 0, the first of equal ones', () => {
    expect(drawToken(logits, { temperature: 0, topK: 5 }, xoshiro128('any'))).toBe(1);
  });

  it('from the likeliest alone, as often as their probabilities say', () => {
    const next = xoshiro128('draws');
    const counts = new Float64Array(logits.length);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[drawToken(logits, { temperature: 0.5, topK: 3 }, next)]! += 1;
    const weights = [0, 1, 1, 0, Math.exp(-1)];
    const sum = weights.reduce((a, b) => a + b);
    for (const [token, weight] of weights.entries())
      expect(Math.abs(counts[token]! / draws - weight / sum)).toBeLessThan(0.015);
  });

  it('never where the model says what is no number', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() =>
        drawToken(Float32Array.of(1, bad, 2), { temperature: 1, topK: 2 }, xoshiro128('')),
      ).toThrow(expect.objectContaining({ code: 'MODEL_FILE_NOT_FINITE' }));
  });
});

describe('a text', () => {
  const model = { config: TINY, flat };
  const wanted: TextWanted = {
    prompt: [5, 6],
    tokens: 6,
    sampling: { temperature: 1, topK: 10 },
    seed: 'one',
    endOfText: TINY.vocab - 1,
  };

  it('is the same for the same seed and weights, and another for another', () => {
    const text = run(writeText(model, wanted));
    expect(run(writeText(model, wanted))).toEqual(text);
    expect(run(writeText(model, { ...wanted, seed: 'two' }))).not.toEqual(text);
    const others = testWeights(TINY, 2);
    expect(run(writeText({ config: TINY, flat: others }, wanted))).not.toEqual(text);
  });

  it('ends with the context, and never goes beyond the tokens that spell something', () => {
    const endOfText = 20;
    for (let seed = 0; seed < 20; seed++) {
      const text = run(writeText(model, { ...wanted, tokens: 100, endOfText, seed: String(seed) }));
      // The last token of the context still has a next one.
      expect(text.length).toBeLessThanOrEqual(TINY.context - 1);
      expect(text.every((token) => token < endOfText)).toBe(true);
    }
  });

  it('goes on from a whole context by no more than one token, and from nothing as after an end', () => {
    const whole = Array.from({ length: TINY.context }, (_, i) => i);
    expect(run(writeText(model, { ...wanted, prompt: whole })).length).toBeLessThanOrEqual(1);
    expect(() => run(writeText(model, { ...wanted, prompt: [...whole, 1] }))).toThrow(
      expect.objectContaining({ code: 'MODEL_TEXT_REFUSED' }),
    );
    expect(run(writeText(model, { ...wanted, prompt: [] }))).toEqual(
      run(writeText(model, { ...wanted, prompt: [wanted.endOfText] })),
    );
  });

  it('is written in portions', () => {
    const portions = [...writeText(model, wanted)].length;
    // Four products a layer for each of the tokens seen, and a head for each drawn but the last one's own.
    expect(portions).toBeGreaterThanOrEqual(4 * TINY.layers * wanted.prompt.length);
    expect(parameterCount(TINY)).toBeLessThan(256 * 1024);
  });
});

describe('spelling', () => {
  it('says text of tokens without the halves of characters at its ends', () => {
    const { text, bytes } = gpt2Spelling();
    expect(text([464, 7850])).toBe('The river');
    const half = Array.from({ length: 256 }, (_, token) => token).find((token) => bytes(token) === '\u00e2')!;
    expect(text([half, 464, half])).toBe('The');
    expect(text([60_000])).toBe('');
  });
});
