import { pause, withLimit } from '../../src-node/waits.ts';
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
  /** What is shown: of the first that answers, and then of those before it in the order in which they were named. */
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
  /** The newest round that has settled: who is asked about the one before is asked about this one instead. */
  let round = new AbortController();
  let asking: Promise<void> = Promise.resolve();

  async function ask(validator: Ss58, until: AbortSignal): Promise<SaidCards | null> {
    const limit = withLimit(until, SWARM_CALL_LIMIT_MS);
    const answer = await swarm.call('fetchScores', { hotkey: validator }, limit).catch(() => null);
    const signed = readSigned(answer?.json ?? null);
    const set = signed && parseCards(signed.text, validator);
    if (!signed || !set || (readAtMs.get(validator) ?? -1) >= set.updatedAtMs) return null;
    return isSignedBy(signed, validator) ? { set, signed } : null;
  }

  /** @returns null where there is nothing newer than was read of it before */
  async function askUntilNewer(validator: Ss58, until: AbortSignal): Promise<SaidCards | null> {
    for (let asked = 0; asked < SCORES_ASKED_TIMES; asked++) {
      await pause(SCORES_ASKED_AFTER_MS, until);
      if (until.aborted) return null;
      const found = await ask(validator, until);
      if (found) return until.aborted ? null : found;
    }
    return null;
  }

  /** Each by itself: one that hangs keeps nobody's cards back, and what came is shown at once. */
  async function askAll(validators: readonly Ss58[], until: AbortSignal): Promise<void> {
    let shown = validators.length;
    await Promise.all(
      validators.map(async (validator, place) => {
        const found = await askUntilNewer(validator, until);
        if (!found) return;
        readAtMs.set(validator, found.set.updatedAtMs);
        said(found);
        if (place > shown) return;
        shown = place;
        show(found.set);
      }),
    );
  }

  function show({ validator, updatedAtMs, cards }: CardSet): void {
    const mine = cards.find((card) => card.hotkey === hotkey) ?? null;
    view = { model, validator, updatedAtMs, mine, all: cards, weights: null, checking: null };
    scores(view);
  }

  return {
    get view() {
      return view;
    },
    roundSettled(validators) {
      round.abort();
      round = new AbortController();
      const until = AbortSignal.any([stop, round.signal]);
      const before = asking;
      asking = askAll(validators.slice(0, SCORES_ASKED_OF), until).then(() => before);
    },
    async stop() {
      stopping.abort();
      await asking;
    },
  };
}

const readSigned = (json: string | null): SignedText | null =>
  json === null || json.length > MAX_CARDS_CHARS ? null : readSignedText(json);
