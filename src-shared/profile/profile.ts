import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { AppError } from '../errors/app-error.ts';
import { oneLine } from '../one-line.ts';
import { exchangeTimes } from '../rounds/exchange-times.ts';
import { MOST_SLOWDOWN } from '../rounds/pace.ts';
import { type Hex, hex } from '../units.ts';
import { earliestOutcome } from './round-times.ts';
import { type Consensus, type Profile, profileSchema } from './schema.ts';

/** What is wrong is said with what stands there instead, which is a stranger's and may fill the document. */
const REASON_CHARS = 200;
/** A longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Parses a profile from outside and checks what a schema cannot say.
 * @throws {AppError} PROFILE_INVALID
 */
export function parseProfile(value: unknown): Profile {
  const parsed = v.safeParse(profileSchema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new AppError('PROFILE_INVALID', {
      reason: oneLine(`${v.getDotPath(issue) ?? 'document'}: ${issue.message}`, REASON_CHARS),
    });
  }
  const reason = inconsistency(parsed.output.consensus);
  if (reason) throw new AppError('PROFILE_INVALID', { reason });
  return parsed.output;
}

function inconsistency(consensus: Consensus): string | null {
  const { clock, model, codec, group } = consensus;
  if (!(clock.ready < clock.roster && clock.roster < clock.outcome))
    return 'clock: ready < roster < outcome does not hold';
  if (clock.outcome + clock.finalityLag + 2 > clock.blocksPerRound)
    return 'clock: the outcome is not final before the round ends';
  const earliest = earliestOutcome(consensus);
  if (earliest > clock.outcome)
    return `clock: a round needs its outcome at block ${earliest}, and has it at ${clock.outcome}`;
  if (exchangeTimes(MOST_SLOWDOWN, consensus).endMs > LONGEST_TIMER_MS)
    return 'reduce: on a slow chain an exchange is longer than a timer takes';
  if (model.width % model.heads !== 0) return 'model: width is not a multiple of heads';
  if (codec.unitExponent < codec.fp16Shift + 24)
    return 'codec: fp16 values would not be multiples of the unit';
  if (group.minMembers > group.maxMembers) return 'group: minMembers above maxMembers';
  return null;
}

/** Keys sorted, no spaces: one text per document whatever order it was written in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** SHA-256 of the consensus part: the run's identity. */
export const profileHash = (consensus: Consensus): Hex =>
  hex(bytesToHex(sha256(utf8ToBytes(canonicalJson(consensus)))));

/** The first 8 bytes of the profile hash, as they stand in records and protocol ids. */
export const runTagOf = (hash: Hex): Hex => hex(hash.slice(0, 16));

/** The outer optimiser's setting in a round: the last stage whose fromRound has come. */
export function outerStageAt(
  consensus: Pick<Consensus, 'outer'>,
  round: number,
): { readonly lr: number; readonly momentum: number } {
  const stage = consensus.outer.findLast(({ fromRound }) => fromRound <= round);
  return stage ?? { lr: 1, momentum: 0 };
}
