import { withLimit } from '../../src-node/waits.ts';
import type { WeightsState } from '../../src-shared/contract/page/runs.ts';
import type { WeightsPlan } from '../../src-shared/contract/page/weights-plan.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { weightsDue } from '../../src-shared/scoring/weights.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer, SubnetFacts } from '../network/chain.ts';
import { commitWeights, type HeldWeight } from './commit-weights.ts';
import { type HiddenCommit, type HiddenWeights, outdatedUids } from './hidden-weights.ts';
import { isSameSet, type LastWeights } from './last-weights.ts';
import {
  CHAIN_READ_LIMIT_MS,
  COMMIT_RETRY_BLOCKS,
  WEIGHTS_LIMIT_MS,
  WEIGHTS_REFRESH_BLOCKS,
} from './limits.ts';
import { tellWeights } from './tell-weights.ts';
import { weightsAge } from './weights-age.ts';
import { type HotkeyAverage, type MadeWeights, makeWeights, planOf } from './weights-plan.ts';

/** Keeps the chain's weights in step with the averages, as often as its own rules let it. */
export interface WeightsSetter {
  /** New averages; the next block that allows it carries them. */
  offer(averages: readonly HotkeyAverage[]): void;
  onBlock(block: number): void;
  /** What would be set now. Signs and sends nothing. @throws {AppError} as reads of the chain */
  plan(): Promise<WeightsPlan>;
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
  /** What the chain took last, also before this start. */
  readonly last: LastWeights;
  /** What was seen of miners counts for so many blocks. */
  readonly evidenceBlocks: number;
  readonly signal: AbortSignal;
  /** An average is no number, none are set, they age, or hidden ones are lost or not for their uid any more. */
  problem(error: CodedError): void;
  /** `state` is another. */
  onState(): void;
}

export function weightsSetter(options: WeightsSetterOptions): WeightsSetter {
  const { chain, signer, hotkey, hidden, last, evidenceBlocks, signal, problem, onState } = options;
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

  const age = weightsAge(hotkey, problem);

  /** Weights of a block, by the rules of that very block. */
  async function groundAt(at: Chain['head'], offered: readonly HotkeyAverage[]) {
    const read = withLimit(signal, CHAIN_READ_LIMIT_MS);
    const hash = at?.hash ?? null;
    const [subnet, neurons] = await Promise.all([chain.subnet(hash, read), chain.metagraph(hash, read)]);
    return { block: at?.number ?? 0, neurons, subnet, hotkey, averages: offered, evidenceBlocks };
  }

  async function consider(block: number): Promise<void> {
    const read = withLimit(signal, CHAIN_READ_LIMIT_MS);
    const [subnet, neurons] = await Promise.all([chain.subnet(null, read), chain.metagraph(null, read)]);
    const { weightsSetRateLimit: rateLimit, commitReveal } = subnet;
    const own = neurons.find((neuron) => neuron.hotkey === hotkey);
    if (!own) return;
    const { lastUpdate } = own;
    const refreshBlocks = refreshBlocksOf(subnet);
    if (!weightsDue({ block, lastUpdate, rateLimit, refreshBlocks, changed })) {
      notBefore = lastUpdate + (changed ? rateLimit + 1 : Math.max(refreshBlocks, rateLimit + 1));
      return;
    }
    // At the head: a uid may have changed hands since that block was final.
    const offered = averages;
    const made = makeWeights(await groundAt(chain.head, offered));
    tellMade(made, lastUpdate);
    if (made.weights.length > 0) {
      if (commitReveal) {
        notBefore = (await commit(made.weights, offered)) ?? block + rateLimit + 1;
        return;
      }
      // What stands there openly already is said again only before the chain forgets it.
      if (block - lastUpdate < refreshBlocks && (await stands(made.weights, lastUpdate))) {
        changed = averages !== offered;
        notBefore = changed ? block + 1 : lastUpdate + Math.max(refreshBlocks, rateLimit + 1);
        return;
      }
      await send(made.weights);
    }
    // Averages that were offered meanwhile are looked at in the next block.
    if (averages === offered) notBefore = block + rateLimit + 1;
  }

  /** Whether the chain has this very set: a hotkey that lost its uid and has another one has none there any more. */
  async function stands(weights: MadeWeights['weights'], lastUpdate: number): Promise<boolean> {
    const set = await last.read();
    return set?.block === lastUpdate && isSameSet(weights, set.weights);
  }

  function tellMade({ held, broken }: MadeWeights, lastUpdate: number): void {
    if (broken.length > 0) problem({ code: 'AVERAGES_BROKEN', params: { uids: broken.join(', ') } });
    // Those of before stand where none are set, and people should know why.
    if (held?.code === 'nothing-earned' && averages.some(({ average }) => average === 0))
      problem({ code: 'WEIGHTS_AGE', params: { block: lastUpdate } });
    const { checked = 0, needed = 0, uids = 0 } = held?.params ?? {};
    if (held?.code === 'thin-evidence')
      problem({ code: 'WEIGHTS_THIN', params: { checked, needed, blocks: evidenceBlocks } });
    if (held?.code === 'below-minimum') problem({ code: 'WEIGHTS_TOO_FEW', params: { needed, uids } });
  }

  async function send(weights: readonly HeldWeight[]): Promise<void> {
    // Averages offered while this call is on its way make the weights stale again.
    changed = false;
    const limit = withLimit(signal, WEIGHTS_LIMIT_MS);
    const plain = weights.map(({ uid, weight }) => ({ uid, weight }));
    const fate = await chain.submit({ kind: 'setWeights', mechanism: 0, weights: plain }, signer, limit);
    if (fate.kind === 'finalized' && fate.effect) {
      become({ kind: 'set', block: fate.block });
      await last.write({ block: fate.block, weights });
    } else changed = true;
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
    if (done.state) {
      become(done.state);
      await noteCommitted(done.state.block);
    }
    // What was offered meanwhile waits for the next epoch as well: one commit is all that an epoch takes.
    if (averages !== offered) changed = true;
    return done.notBefore;
  }

  /** The commit of that block may be of before, with other weights than would be made now. */
  async function noteCommitted(block: number): Promise<void> {
    const made = (await hidden.all()).find((commit) => commit.block === block);
    if (made) await last.write({ block, weights: made.weights });
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
    age.look(block, chain.snapshot);
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
    plan: async () => planOf(await groundAt(chain.head, averages), await last.read()),
    async settled() {
      await busy;
    },
  };
}

/** Well before the chain counts this validator as inactive. */
const refreshBlocksOf = ({ activityCutoff }: Pick<SubnetFacts, 'activityCutoff'>): number =>
  Math.min(WEIGHTS_REFRESH_BLOCKS, activityCutoff >> 1);
