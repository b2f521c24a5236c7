import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { liveProfile, practiceProfile } from '../../src-shared/profile/shipped.ts';
import type { Ss58 } from '../../src-shared/units.ts';

/** What every link of these figures lets through, both ways at once. */
export const LINK_BITS_PER_S = 100e6;
/**
 * Where the processors of one computer cannot carry all members at that rate, figures that are ratios are taken at this
 * one, and say so: eight of them are then busy for a quarter of the time of two cores.
 */
export const SLOWER_BITS_PER_S = 30e6;
/** 33.6 million values, 67.1 MB of fp16. */
const MODEL = { layers: 10, width: 512, heads: 8, context: 64, vocab: 3_900 };
export const VECTOR_BYTES = 2 * parameterCount(MODEL);
/** Clocks of one computer agree; the rest is for machines that stall. */
const SLACK_MS = 500;
const KEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;

/** Seconds that links of so many members are busy at least: of N parts all but the own go out, and come home. */
export const linkBoundS = (members: number, bitsPerS = LINK_BITS_PER_S): number =>
  (2 * (members - 1) * VECTOR_BYTES * 8) / members / bitsPerS;

/**
 * A run of that vector with exchanges of so many seconds. Its members go down the tiers of the shipped runs.
 * @param model another one than that vector's
 */
export function vectorProfile(exchangeS: number, model = MODEL): Profile {
  const { consensus, local } = practiceProfile({
    ...{ witness: KEY, ownerColdkey: KEY, endpoint: '', bootstrap: [] },
  });
  const { codec } = liveProfile('gpt2-124m').consensus;
  const clock = { ...consensus.clock, blockMs: Math.round(exchangeS * 1_000) };
  const reduce = { ...consensus.reduce, exchangeBlocks: 1, slackMs: SLACK_MS };
  return { consensus: { ...consensus, model, clock, codec, reduce }, local };
}

/** Seconds of an exchange of the run of 124M. */
export function exchangeOf124mS(): number {
  const { clock, reduce } = liveProfile('gpt2-124m').consensus;
  return (reduce.exchangeBlocks * clock.blockMs) / 1_000;
}
