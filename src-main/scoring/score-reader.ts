import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { ScoresView } from '../../src-shared/contract/page/runs.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { ScoreModel } from '../../src-shared/profile/schema.ts';
import { readSignedText, type SignedText } from '../../src-shared/rounds/signed-text.ts';
import { type CardSet, MAX_CARDS_CHARS, parseCards } from '../../src-shared/scoring/cards.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { SCORES_ASKED_AFTER_MS, SCORES_ASKED_OF, SCORES_ASKED_TIMES, SWARM_CALL_LIMIT_MS } from './limits.ts';

/** What a validator said and signed, and the text of it as it came. */
export interface SaidCards {
  readonly set: CardSet;
  readonly signed: SignedText;
}

/** A miner's window on its scores: asks validators for their cards after each round. */
export interface ScoreReader {
  readonly view: ScoresView | null;
  /** To be called when a round has settled. */
  roundSettled(validators: readonly Ss58[]): void;
  stop(): Promise<void>;
}

export interface ScoreReaderOptions {
  readonly swarm: ChildClient<SwarmContract>;
  readonly hotkey: Ss58;
  readonly model: ScoreModel;
  /** Whether a text carries this validator's own signature for scores of this run. */
  isSignedBy(said: SignedText, validator: Ss58): boolean;
  /** What each validator says, once. */
  said(cards: SaidCards): void;
  /** What is shown: of the first validator that answers. */
  scores(view: ScoresView): void;
  readonly signal: AbortSignal;
}

export function startScoreReader(options: ScoreReaderOptions): ScoreReader {
  const { swarm, hotkey, model, isSignedBy, said, scores, signal } = options;
  const stopping = new AbortController();
  const stop = AbortSignal.any([signal, stopping.signal]);
  /** When each wrote what was read last. */
  const readAtMs = new Map<Ss58, number>();
  let view: ScoresView | null = null;
  let waiting: NodeJS.Timeout | undefined;
  /** Rounds that were settled: an answer about one before must not take the place of a question about the newest. */
  let settled = 0;
  let asking: Promise<void> = Promise.resolve();

  async function ask(validator: Ss58): Promise<SaidCards | null> {
    const limit = withLimit(stop, SWARM_CALL_LIMIT_MS);
    const answer = await swarm.call('fetchScores', { hotkey: validator }, limit).catch(() => null);
    const signed = readSigned(answer?.json ?? null);
    const set = signed && parseCards(signed.text, validator);
    if (!signed || !set || (readAtMs.get(validator) ?? -1) >= set.updatedAtMs) return null;
    return isSignedBy(signed, validator) ? { set, signed } : null;
  }

  /** @returns those that have nothing newer yet than was read of them */
  async function askAll(validators: readonly Ss58[]): Promise<readonly Ss58[]> {
    const answers = await Promise.all(validators.map(ask));
    const found = answers.filter((one) => one !== null);
    for (const one of found) {
      readAtMs.set(one.set.validator, one.set.updatedAtMs);
      said(one);
    }
    const [first] = found;
    if (first) show(first.set);
    return validators.filter((_, i) => answers[i] === null);
  }

  function show({ validator, updatedAtMs, cards }: CardSet): void {
    const mine = cards.find((card) => card.hotkey === hotkey) ?? null;
    view = { model, validator, updatedAtMs, mine, all: cards, weights: null, checking: null };
    scores(view);
  }

  function askLater(validators: readonly Ss58[], timesLeft: number, of: number): void {
    if (of !== settled) return;
    clearTimeout(waiting);
    if (timesLeft === 0 || validators.length === 0 || stop.aborted) return;
    waiting = setTimeout(() => {
      asking = askAll(validators).then((left) => askLater(left, timesLeft - 1, of));
    }, SCORES_ASKED_AFTER_MS);
    waiting.unref();
  }

  return {
    get view() {
      return view;
    },
    roundSettled(validators) {
      settled++;
      askLater(validators.slice(0, SCORES_ASKED_OF), SCORES_ASKED_TIMES, settled);
    },
    async stop() {
      stopping.abort();
      clearTimeout(waiting);
      await asking;
    },
  };
}

const readSigned = (json: string | null): SignedText | null =>
  json === null || json.length > MAX_CARDS_CHARS ? null : readSignedText(json);
