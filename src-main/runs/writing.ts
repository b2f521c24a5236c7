import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { listeners } from '../../src-node/listeners.ts';
import { withLimit } from '../../src-node/waits.ts';
import { count, finite } from '../../src-shared/contract/fields.ts';
import type { WritingView, WritingWish, WrittenText } from '../../src-shared/contract/page/writing.ts';
import { SAMPLE_PROMPTS } from '../../src-shared/contract/train.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { SAMPLE_COST_SHARE, SAMPLE_LIMIT_MS, SAMPLE_TOKENS } from './limits.ts';
import type { Work } from './work.ts';

const text = v.pipe(v.string(), v.maxLength(65_536));
const writtenSchema = v.object({
  round: count,
  place: v.pipe(count, v.maxValue(SAMPLE_PROMPTS - 1)),
  prompt: text,
  text,
  atMs: finite,
});

export interface WritingOptions extends Pick<Work, 'train'> {
  /** The run's own folder. */
  readonly dataDir: string;
  told(error: CodedError): void;
  log(line: string): void;
  readonly clock: { nowMs(): number; elapsedMs(): number };
  readonly signal: AbortSignal;
}

/** What the run's model writes, for whoever looks at it: nothing is written that nobody asks for. */
export interface Writing {
  readonly view: WritingView;
  /** Returns at once; what comes of it shows in the view. */
  ask(wish: WritingWish): void;
  on(listener: (view: WritingView) => void): () => void;
  /** Resolves when nothing is on its way any more. */
  stop(): Promise<void>;
}

/**
 * Texts of the committed base, one at a time. Of each place in the held-out text the first is kept for good, so that one
 * sees what training did to the same words.
 */
export async function startWriting(options: WritingOptions): Promise<Writing> {
  const { train, dataDir, clock, log, told } = options;
  const stopping = new AbortController();
  const life = AbortSignal.any([options.signal, stopping.signal]);
  const events = listeners<{ view: WritingView }>();
  const path = join(dataDir, 'writing.json');
  const file = durableJson({
    path,
    schema: v.pipe(v.array(writtenSchema), v.maxLength(SAMPLE_PROMPTS)),
    told,
  });
  let firsts: WrittenText[] = (await file.read()) ?? [];
  let view: WritingView = { now: null, before: null, isWriting: false, problem: null };
  let place = 0;
  /** On the monotonic clock, from which on a text that nobody pressed a button for is cheap enough. */
  let dueMs = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> = Promise.resolve();

  function show(next: Partial<WritingView>): void {
    view = { ...view, ...next };
    events.emit('view', view);
  }

  async function write(): Promise<void> {
    show({ isWriting: true });
    try {
      const asked = { prompt: place, tokens: SAMPLE_TOKENS, seed: place };
      const sampled = await train.call('sample', asked, withLimit(life, SAMPLE_LIMIT_MS));
      const { workMs, ...written } = sampled;
      dueMs = clock.elapsedMs() + workMs / SAMPLE_COST_SHARE;
      // Weights that nobody has trained yet write noise.
      if (written.round < 0) return show({ problem: null });
      const now = { ...written, place, atMs: clock.nowMs() };
      const first = firsts.find((one) => one.place === place && one.prompt === now.prompt) ?? null;
      show({ now, before: first && first.round < now.round ? first : null, problem: null });
      if (!first || first.round > now.round) await keep(now);
    } catch (thrown) {
      if (life.aborted) return;
      log(`a text of the model: ${thrown}`);
      show({ problem: toCodedError(thrown) });
    } finally {
      show({ isWriting: false });
    }
  }

  async function keep(first: WrittenText): Promise<void> {
    firsts = [...firsts.filter((one) => one.place !== first.place), first];
    await file.write(firsts).catch((thrown: unknown) => log(`the first texts of the model: ${thrown}`));
  }

  function ask(wish: WritingWish): void {
    if (view.isWriting || life.aborted) return;
    if (wish === 'another') place = (place + 1) % SAMPLE_PROMPTS;
    else if (clock.elapsedMs() < dueMs) return;
    underWay = write();
  }

  return {
    get view() {
      return view;
    },
    ask,
    on: (listener) => events.on('view', listener),
    async stop() {
      stopping.abort();
      await underWay;
    },
  };
}
