import { withLimit } from '../../src-node/waits.ts';
import type { WeightsState } from '../../src-shared/contract/page/runs.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import {
  brokenAverages,
  chainWeights,
  type UidAverage,
  type UidWeight,
  weightsDue,
} from '../../src-shared/scoring/weights.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Chain, Neuron, Signer } from '../network/chain.ts';
import { commitWeights, type HeldWeight } from './commit-weights.ts';
import { type HiddenCommit, type HiddenWeights, outdatedUids } from './hidden-weights.ts';
import {
  CHAIN_READ_LIMIT_MS,
  COMMIT_RETRY_BLOCKS,
  WEIGHTS_LIMIT_MS,
  WEIGHTS_REFRESH_BLOCKS,
} from './limits.ts';
import { tellWeights } from './tell-weights.ts';

/** What a hotkey has earned. Its uid is the chain's to say, at the moment when weights are made. */
export interface HotkeyAverage {
  readonly hotkey: Ss58;
  /** null before anything was measured. */
  readonly average: number | null;
}

/** Keeps the chain's weights in step with the averages, as often as its own rules let it. */
export interface WeightsSetter {
  /** New averages; the next block that allows it carries them. */
  offer(averages: readonly HotkeyAverage[]): void;
  onBlock(block: number): void;
  /** What became of the weights that were sent last; null before any were since the start. */
  readonly state: WeightsState | null;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
}

export interface WeightsSetterOptions {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly hotkey: Ss58;
  /** What was committed and is not open yet, of this start and of those before it. */
  readonly hidden: HiddenWeights;
  readonly signal: AbortSignal;
  /** An average is no number, weights age, or hidden ones are lost or not for their uid any more. */
  problem(error: CodedError): void;
  /** `state` is another. */
  onState(): void;
}

export function weightsSetter(options: WeightsSetterOptions): WeightsSetter {
  const { chain, signer, hotkey, hidden, signal, problem, onState } = options;
  let averages: readonly HotkeyAverage[] = [];
  let changed = false;
  let notBefore = 0;
  /** What failed is not tried again before, and how often it has by now. */
  let retryFrom = 0;
  let failures = 0;
  /** Until then a commit stands, and nothing else can be sent. */
  let committedUntil = 0;
  /** From then on there may be weights to tell that were committed by their hash; 0: not looked yet. */
  let tellFrom = 0;
  /** Reveal block and uid of the commits that people were told of. */
  const outdated = new Set<string>();
  let state: WeightsState | null = null;
  let busy: Promise<void> | null = null;

  async function consider(block: number): Promise<void> {
    const read = withLimit(signal, CHAIN_READ_LIMIT_MS);
    const [{ weightsSetRateLimit: rateLimit, commitReveal }, neurons] = await Promise.all([
      chain.subnet(null, read),
      chain.metagraph(null, read),
    ]);
    const own = neurons.find((neuron) => neuron.hotkey === hotkey);
    if (!own) return;
    const { lastUpdate } = own;
    if (!weightsDue({ block, lastUpdate, rateLimit, refreshBlocks: WEIGHTS_REFRESH_BLOCKS, changed })) {
      notBefore = lastUpdate + (changed ? rateLimit + 1 : Math.max(WEIGHTS_REFRESH_BLOCKS, rateLimit + 1));
      return;
    }
    // At the head: a uid may have changed hands since that block was final.
    const holders = await chain.metagraph(chain.head?.hash ?? null, read);
    const offered = averages;
    const held = averagesOf(holders, offered);
    const broken = brokenAverages(held);
    if (broken.length > 0) problem({ code: 'AVERAGES_BROKEN', params: { uids: broken.join(', ') } });
    const weights = chainWeights(held);
    if (weights.length > 0 && commitReveal) {
      const hotkeys = new Map(holders.map((one) => [one.uid, one.hotkey]));
      const ofHotkeys = weights.map((one) => ({ ...one, hotkey: hotkeys.get(one.uid) ?? hotkey }));
      notBefore = (await commit(ofHotkeys, offered)) ?? block + rateLimit + 1;
      return;
    }
    if (weights.length > 0) await send(weights);
    // Who was measured and came to nothing gets no weights: then those of before stand, and people should know.
    else if (held.some(({ average }) => average === 0))
      problem({ code: 'WEIGHTS_AGE', params: { block: lastUpdate } });
    // Averages that were offered meanwhile are looked at in the next block.
    if (averages === offered) notBefore = block + rateLimit + 1;
  }

  async function send(weights: readonly UidWeight[]): Promise<void> {
    // Averages offered while this call is on its way make the weights stale again.
    changed = false;
    const limit = withLimit(signal, WEIGHTS_LIMIT_MS);
    const fate = await chain.submit({ kind: 'setWeights', mechanism: 0, weights }, signer, limit);
    if (fate.kind === 'finalized' && fate.effect) become({ kind: 'set', block: fate.block });
    else changed = true;
  }

  /** Where weights are hidden first, plain ones are refused. */
  async function commit(
    weights: readonly HeldWeight[],
    offered: readonly HotkeyAverage[],
  ): Promise<number | null> {
    changed = false;
    const done = await commitWeights(options, weights);
    if (!done.isDone) changed = true;
    committedUntil = done.isDone ? (done.notBefore ?? 0) : 0;
    if (done.tellFrom !== null) tellFrom = Math.min(tellFrom, done.tellFrom - 1);
    if (done.state) become(done.state);
    // What was offered meanwhile waits for the next epoch as well: one commit is all that an epoch takes.
    if (averages !== offered) changed = true;
    return done.notBefore;
  }

  async function tell(): Promise<void> {
    try {
      const told = await tellWeights(options);
      tellFrom = told.notBefore;
      if (told.state) become(told.state);
    } catch (error) {
      if (signal.aborted) throw error;
      // Tried again in the next block; new weights do not wait for it.
      console.error('telling weights failed', toCodedError(error).code);
    }
  }

  /** Weights that nobody can read yet are for the hotkeys that they were made for, and for nobody after them. */
  async function lookAtHidden(block: number): Promise<void> {
    const neurons = chain.snapshot?.neurons ?? [];
    for (const commit of await hidden.all()) {
      const uids = outdatedUids(commit, neurons, block).filter((uid) => isNews(commit, uid));
      if (uids.length > 0)
        problem({
          code: 'HIDDEN_WEIGHTS_OUTDATED',
          params: { block: commit.block ?? 0, uids: uids.join(', ') },
        });
    }
  }

  function isNews({ revealBlock }: HiddenCommit, uid: number): boolean {
    const name = `${revealBlock} ${uid}`;
    if (outdated.has(name)) return false;
    outdated.add(name);
    return true;
  }

  const isDue = (block: number) => block >= Math.max(notBefore, retryFrom) && averages.length > 0;

  async function step(block: number): Promise<void> {
    await lookAtHidden(block);
    if (block >= tellFrom) await tell();
    if (!isDue(block)) return;
    await consider(block);
    failures = 0;
  }

  function become(next: WeightsState): void {
    state = next;
    onState();
  }

  return {
    offer(next) {
      averages = next;
      changed = true;
      notBefore = committedUntil;
    },
    onBlock(block) {
      if (busy || signal.aborted) return;
      busy = step(block)
        .catch((error: unknown) => {
          changed = true;
          if (signal.aborted) return;
          const coded = toCodedError(error);
          console.error('setting weights failed', coded.code);
          retryFrom = block + Math.min(2 ** failures, COMMIT_RETRY_BLOCKS);
          failures += 1;
          // What the runtime does not have it will not have in the next block.
          if (coded.code !== 'CHAIN_CALL_UNAVAILABLE') return;
          problem(coded);
          notBefore = block + WEIGHTS_REFRESH_BLOCKS;
        })
        .finally(() => {
          busy = null;
        });
    },
    get state() {
      return state;
    },
    async settled() {
      await busy;
    },
  };
}

/** By the uids that the hotkeys hold there. Who holds none is left out, and nobody inherits from who held theirs. */
function averagesOf(neurons: readonly Neuron[], averages: readonly HotkeyAverage[]): readonly UidAverage[] {
  const uids = new Map(neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  return averages.flatMap(({ hotkey, average }) => {
    const uid = uids.get(hotkey);
    return uid === undefined ? [] : [{ uid, average }];
  });
}
