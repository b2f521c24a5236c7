import type { ProfileSource, ProfileSummary } from '../../src-shared/contract/page/join.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { parseProfile, profileHash } from '../../src-shared/profile/profile.ts';
import { whyNotRunnable } from '../../src-shared/profile/runnable.ts';
import type { Profile, ScoreModel } from '../../src-shared/profile/schema.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';

/** @throws {AppError} PROFILE_UNKNOWN, PROFILE_IS_PRACTICE, PROFILE_INVALID */
export function profileOf(source: ProfileSource): Profile {
  return source.kind === 'shipped' ? liveProfile(source.name) : parseProfile(parseJson(source.text));
}

export function summaryOf(profile: Profile): ProfileSummary {
  const { consensus, local } = profile;
  const { clock, witnesses } = consensus;
  return {
    name: consensus.name,
    hash: profileHash(consensus),
    netuid: consensus.chain.netuid,
    identity: consensus.chain.identity,
    model: { ...consensus.model, parameters: parameterCount(consensus.model) },
    dataset: consensus.dataset,
    round: { blocks: clock.blocksPerRound, ms: clock.blocksPerRound * clock.blockMs },
    rewards: rewardsOf(consensus.scoreModel),
    witnesses: witnesses.kind === 'hotkeys' ? witnesses.hotkeys.length : witnesses.count,
    predecessor: consensus.predecessor,
    mark: local.mark,
    problem: whyNotRunnable(profile),
  };
}

function rewardsOf({ parts, terms }: ScoreModel): ProfileSummary['rewards'] {
  const all = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.map(({ term, weight }) => ({
    label: terms.find(({ id }) => id === term)?.label ?? term,
    share: all === 0 ? 0 : weight / all,
  }));
}

/** @throws {AppError} PROFILE_INVALID */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new AppError('PROFILE_INVALID', { reason: 'it is no JSON document' });
  }
}
