import { withLimit } from '../../src-node/waits.ts';
import type { ResultOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { Ready, RosterMember } from '../../src-shared/rounds/messages.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { gainOf, harms, helps, leadOf } from '../../src-shared/scoring/honesty.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
import type { WorkRecord } from '../../src-shared/spool.ts';
import type { Hex } from '../../src-shared/units.ts';
import { timed } from './check-cost.ts';
import { type ClaimedWork, claimedWork } from './claimed-work.ts';
import type { CheckParts } from './gradient-check.ts';
import { CHECK_STATE_LIMIT_MS, EFFECT_LIMIT_MS, FETCH_CONTRIBUTION_LIMIT_MS } from './limits.ts';

export interface EffectParts extends CheckParts {
  /** 32 bytes that nobody knows before. */
  nonce(): Hex;
  /** Once it was looked at, what was fetched is no longer needed. */
  discard(path: string): Promise<void>;
}

/** Whose contribution is looked at, in which round. */
export interface Drawn {
  readonly ready: Ready;
  readonly member: RosterMember;
  readonly rosterDigest: Hex;
  /** Of the state that all of its members stood on; null where this validator did not see that. */
  readonly baseDigest: Hex | null;
  readonly blockHash: Hex;
}

/** What a look came to: whether the contribution helps, or that none was given, or no record of its work. */
export interface Look {
  readonly outcome: 'helps' | 'does-not' | 'silent';
  /** Whether it is better left out of averages: it does harm, or what it does could not be seen for its owner's doing. */
  readonly isHarmful: boolean;
  readonly why: Why;
  readonly detail?: unknown;
}

const doesNot = (reason: Why, detail?: unknown): Look => ({
  ...{ outcome: 'does-not', isHarmful: true, why: reason, detail },
});
const silent = (code: 'contribution-silent' | 'state-silent'): Look => ({
  ...{ outcome: 'silent', isHarmful: true, why: why(code) },
});

/**
 * Asks for a piece of the state that the round began with, and then takes a contribution as it was sent, and holds what it
 * does to text that its miner claims against what it does to text that nobody knew. Of the claimed text one stretch, so
 * that who did half of it is caught half of the times. Who has no such state need not be asked for more.
 * @throws when our own processes could not look: nothing was learned of the miner
 */
export async function lookAtEffect(parts: EffectParts, drawn: Drawn, signal: AbortSignal): Promise<Look> {
  const { swarm, cost } = parts;
  const work = await claimedWork(parts, drawn.ready, signal);
  cost({ bytes: work.bytes });
  if (!work.record) return withoutRecord(work);
  const stateless = await lookAtState(parts, drawn, signal);
  if (stateless) return stateless;
  const limit = withLimit(signal, FETCH_CONTRIBUTION_LIMIT_MS);
  const { rosterDigest, member } = drawn;
  const fetched = await swarm.call('fetchContribution', { rosterDigest, hotkey: member.hotkey }, limit);
  cost({ bytes: fetched.bytes });
  try {
    return await judge(parts, drawn, work.record, fetched, signal);
  } finally {
    await parts.discard(fetched.path);
  }
}

/** Whoever could keep from being looked at by keeping its record to itself would be looked at by nobody. */
const withoutRecord = ({ why: reason, detail }: Extract<ClaimedWork, { record: null }>): Look =>
  reason.code === 'work-not-handed-over' ? silent('contribution-silent') : doesNot(reason, detail);

/** What is wrong with the state that a member should stand on; null where nothing is, or nothing could be learned. */
async function lookAtState(
  { swarm, cost }: EffectParts,
  { member, baseDigest }: Drawn,
  signal: AbortSignal,
): Promise<Look | null> {
  if (!baseDigest) return null;
  const limit = withLimit(signal, CHECK_STATE_LIMIT_MS);
  const { hotkey } = member;
  const checked = await swarm.call('checkState', { baseDigest, hotkey }, limit).catch((error: unknown) => {
    signal.throwIfAborted();
    // It is not held here, or the member gives others so much that its turn did not come.
    console.error('no piece of a state was asked for', hotkey, error);
    return null;
  });
  if (!checked) return null;
  cost({ bytes: checked.bytes });
  if (checked.outcome === 'silent') return silent('state-silent');
  return checked.outcome === 'foreign' ? doesNot(why('state-foreign')) : null;
}

async function judge(
  { train, consensus, random, nonce, cost }: EffectParts,
  { ready, member, blockHash }: Drawn,
  record: WorkRecord,
  { outcome, path }: ResultOf<SwarmContract, 'fetchContribution'>,
  signal: AbortSignal,
): Promise<Look> {
  if (outcome === 'silent') return silent('contribution-silent');
  if (outcome === 'foreign') return doesNot(why('contribution-foreign'));
  const checks = checksOf(consensus.scoreModel);
  const { round, hotkey } = ready;
  const asked = {
    ...{ round, hotkey, blockHash, codec: member.codec, path, nonce: nonce() },
    page: pageOf(record, random),
    sequences: checks.stretchSequences,
  };
  const limit = withLimit(signal, EFFECT_LIMIT_MS);
  const effect = await timed(cost, () => train.call('effect', asked, limit));
  cost({ looked: 1 });
  return lookOf(effect, asked.page, checks);
}

/** A claimed sequence, each as likely as any other, by the page that it is in. */
function pageOf({ pages, sequences }: WorkRecord, random: (below: number) => number) {
  let left = random(sequences);
  const at = pages.findIndex((page) => {
    left -= page.sequences;
    return left < 0;
  });
  return { draw: at, ...pages[at]! };
}

function lookOf(
  effect: ResultOf<TrainContract, 'effect'>,
  page: { readonly draw: number; readonly index: number },
  checks: ReturnType<typeof checksOf>,
): Look {
  const { draw, index } = page;
  if (effect.kind === 'other-page')
    return doesNot(why('page-not-assigned', { page: index }), { draw, index });
  if (effect.kind === 'undecodable') return doesNot(why('contribution-undecodable'));
  if (effect.kind === 'not-finite') return doesNot(why('contribution-spoils'));
  const { assigned, random } = effect;
  const rounded = (value: number) => Number(value.toFixed(4));
  const params = { own: rounded(gainOf(assigned)), ahead: rounded(leadOf(assigned) - leadOf(random)) };
  const detail = { draw, index, assigned, random };
  return helps(effect, checks)
    ? { outcome: 'helps', isHarmful: false, why: why('helps-its-own-text', params), detail }
    : { ...doesNot(why('does-not-help', params), detail), isHarmful: harms(effect) };
}
