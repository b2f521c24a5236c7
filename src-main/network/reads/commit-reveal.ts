import * as v from 'valibot';
import type { RevealTerms } from '../../../src-shared/chain/reveal.ts';
import { epochIndex } from '../../../src-shared/chain/reveal.ts';
import { TIMELOCK_VERSION } from '../../../src-shared/chain/timelock.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { CommitTerms, TimelockTerms } from '../chain.ts';
import { type EpochClock, firstIndexBlock, nextIndexBlock } from '../epoch-rule.ts';
import { BEACON_KEY_BYTES, REVEAL_EPOCHS_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import { parse, type Query, readMany, requiredItem, smallUint, storageItem } from '../storage.ts';
import { readEpochClock } from './epoch-clock.ts';
import { readHashTerms } from './hash-terms.ts';
import { weightsVersion } from './weights-version.ts';

/** How often a runtime without either constant makes a block: mainnet's. */
const USUAL_BLOCK_MS = 12_000;

const keyText = v.pipe(v.string(), v.regex(new RegExp(`^0x[0-9a-f]{${2 * BEACON_KEY_BYTES}}$`)));
/** Each epoch that may still be hidden is asked for: a node's number must not decide how many. */
const periodSchema = v.pipe(smallUint, v.maxValue(REVEAL_EPOCHS_MAX, 'a reveal period this long'));
const beaconSchema = v.object({ publicKey: keyText, period: smallUint, genesisTime: smallUint });
/** Account, block, cipher, round. */
const commitsSchema = v.array(v.tuple([v.string(), smallUint, v.unknown(), smallUint]));

/**
 * What a commit of weights needs to know, in the state of one block, and what this hotkey has committed that is not
 * opened yet. Under a time lock only in the one layout that is made here; on other runtimes by their hash.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE where the runtime takes neither
 */
export async function readCommitTerms(
  session: Session,
  at: { readonly netuid: number; readonly hash: Hex; readonly block: number },
  hotkey: Ss58,
  signal: AbortSignal,
): Promise<CommitTerms> {
  const { netuid, hash, block } = at;
  const versionItem = storageItem(session, 'SubtensorModule', 'CommitRevealWeightsVersion');
  if (!versionItem || !storageItem(session, 'Drand', 'BeaconConfig'))
    return readHashTerms(session, at, hotkey, signal);
  const subtensor = (name: string): Query => ({
    item: requiredItem(session, 'SubtensorModule', name),
    args: [netuid],
  });
  const clocking = readEpochClock(session, netuid, hash, signal);
  const reading = readMany(
    session,
    [
      { item: requiredItem(session, 'Drand', 'BeaconConfig'), args: [] },
      { item: requiredItem(session, 'Timestamp', 'Now'), args: [] },
      subtensor('RevealPeriodEpochs'),
      { item: versionItem, args: [] },
    ],
    hash,
    signal,
  );
  const [clock, values] = await Promise.all([clocking, reading]);
  const [beacon, now, period, version] = values.map((value) => value?.toPrimitive() ?? null);
  if (parse(smallUint, version) !== TIMELOCK_VERSION) return readHashTerms(session, at, hotkey, signal);
  const { publicKey, period: periodS, genesisTime } = parse(beaconSchema, beacon);
  if (periodS === 0) throw new AppError('CHAIN_ANSWER_MALFORMED', { what: 'a beacon without a period' });
  const next = nextIndexBlock(block, clock);
  if (next === null) throw new AppError('CHAIN_ANSWER_MALFORMED', { what: 'a tempo of nothing' });
  const reveal: RevealTerms = {
    ...{ block, netuid, tempo: clock.tempo, blockMs: blockMsOf(session) },
    timeMs: parse(smallUint, now),
    periodEpochs: parse(periodSchema, period),
    nextEpochBlock: next,
    isByNumber: clock.lastEpochBlock === null,
    beacon: { genesisS: genesisTime, periodS },
  };
  const [versionKey, pending] = await Promise.all([
    weightsVersion(session, netuid, hash, signal),
    pendingOf(session, reveal, clock, hotkey, hash, signal),
  ]);
  return {
    kind: 'timelocked',
    reveal,
    epochBlock: firstIndexBlock(next, clock),
    publicKey: Buffer.from(publicKey.slice(2), 'hex'),
    versionKey,
    pending,
  };
}

/** Commits of the hotkey in the epochs that are not opened yet, the newest first. */
async function pendingOf(
  session: Session,
  reveal: RevealTerms,
  { epochIndex: kept }: Pick<EpochClock, 'epochIndex'>,
  hotkey: Ss58,
  hash: Hex,
  signal: AbortSignal,
): Promise<TimelockTerms['pending']> {
  const item = storageItem(session, 'SubtensorModule', 'TimelockedWeightCommits');
  // Where epochs do not go by block numbers their index is not ours to compute.
  const epoch = reveal.isByNumber ? epochIndex(reveal) : kept;
  if (!item || epoch === null || epoch === undefined) return [];
  const epochs = Array.from({ length: Math.min(reveal.periodEpochs, epoch) + 1 }, (_, back) => epoch - back);
  const rows = await readMany(
    session,
    epochs.map((index) => ({ item, args: [reveal.netuid, index] })),
    hash,
    signal,
  );
  return rows
    .flatMap((row) => parse(commitsSchema, row?.toPrimitive() ?? []))
    .filter(([account]) => account === hotkey)
    .map(([, block, , round]) => ({ block, round }))
    .toSorted((a, b) => b.block - a.block);
}

interface Constants {
  readonly [pallet: string]: { readonly [name: string]: { toPrimitive(): unknown } } | undefined;
}

/** How long a block of this runtime takes, by its own constants; half of it is the least time between two. */
function blockMsOf({ api }: Session): number {
  const consts = api.consts as unknown as Constants;
  const slot = consts.aura?.slotDuration;
  if (slot) return parse(smallUint, slot.toPrimitive());
  const least = consts.timestamp?.minimumPeriod;
  return least ? 2 * parse(smallUint, least.toPrimitive()) : USUAL_BLOCK_MS;
}
