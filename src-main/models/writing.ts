import { withLimit } from '../../src-node/waits.ts';
import type { ModelPrompt, ModelWriting } from '../../src-shared/contract/page/models.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import { type ModelProcessOptions, startModelProcess } from '../publishing/model-process.ts';
import { MODEL_IDLE_MS, PROMPT_LIMIT_MS, PROMPT_TOKENS } from './limits.ts';

export interface ModelWriterOptions extends ModelProcessOptions {
  shown(writing: ModelWriting): void;
  readonly signal: AbortSignal;
}

/** Texts of downloaded models, one at a time, by a process beside the engine that is there while somebody tries them. */
export interface ModelWriter {
  /** Returns at once; what was under way ends. */
  write(download: string, folder: string, prompt: ModelPrompt): void;
  /** Ends the text under way; what it has stays. */
  stopText(): void;
  /** A model that is to be deleted is let go of, text and memory. */
  letGo(download: string): Promise<void>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function openModelWriter(options: ModelWriterOptions): ModelWriter {
  const { signal, shown } = options;
  let child: ReturnType<typeof startModelProcess> | null = null;
  let leaving: NodeJS.Timeout | undefined;
  let view: ModelWriting | null = null;
  let text = new AbortController();
  let underWay: Promise<void> = Promise.resolve();

  function show(next: ModelWriting): void {
    view = next;
    shown(next);
  }

  async function release(): Promise<void> {
    clearTimeout(leaving);
    const going = child;
    child = null;
    await going?.stop();
  }

  async function run(folder: string, begun: ModelWriting, asked: AbortSignal): Promise<void> {
    const life = withLimit(AbortSignal.any([signal, asked]), PROMPT_LIMIT_MS);
    clearTimeout(leaving);
    show(begun);
    const { text: begin, temperature, topK, seed } = begun.prompt;
    // What the text before still says is not taken for this one: each begins with nothing written.
    let hasBegun = false;
    const said = ({ text: written }: { readonly text: string }) => {
      hasBegun ||= written === '';
      if (hasBegun && !life.aborted) show({ ...begun, written, phase: 'writing' });
    };
    child ??= startModelProcess(options);
    let off = () => {};
    try {
      const client = await child.whenReady(life);
      off = client.on('written', said);
      const wanted = { folder, text: begin, tokens: PROMPT_TOKENS, temperature, topK, seed };
      const { text: written } = await client.call('continueText', wanted, life);
      show({ ...begun, written, phase: 'ended' });
    } catch (thrown) {
      const written = view?.written ?? '';
      const problem = asked.aborted || signal.aborted ? null : toCodedError(thrown);
      show({ ...begun, written, phase: 'stopped', problem });
    } finally {
      off();
      leaving = setTimeout(() => void release(), MODEL_IDLE_MS);
      leaving.unref();
    }
  }

  return {
    write(download, folder, prompt) {
      text.abort();
      const before = underWay;
      const mine = new AbortController();
      text = mine;
      const begun: ModelWriting = { download, prompt, written: '', phase: 'loading', problem: null };
      underWay = before.then(() => (mine.signal.aborted ? undefined : run(folder, begun, mine.signal)));
    },
    stopText: () => text.abort(),
    async letGo(download) {
      if (view?.download !== download) return;
      text.abort();
      await underWay;
      await release();
    },
    idle: () => underWay,
    async stop() {
      text.abort();
      await underWay;
      await release();
    },
  };
}
