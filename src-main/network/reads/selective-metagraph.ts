import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { alphaRao, type Hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import type { Neuron } from '../chain.ts';
import { NEURONS_MAX } from '../limits.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, readMany, requiredItem, smallUint, storageItem } from '../storage.ts';

/** Places of the fields that are asked for, as `SelectiveMetagraphIndex` counts them from spec 365 to 425. */
export const selectivePlaces = {
  hotkeys: 52,
  coldkeys: 53,
  active: 56,
  validatorPermit: 57,
  lastUpdate: 59,
  emission: 60,
  dividends: 61,
  incentives: 62,
  consensus: 63,
  trust: 64,
  blockAtRegistration: 66,
} as const;

const lists = <S extends v.GenericSchema>(each: S) => v.pipe(v.array(each), v.maxLength(NEURONS_MAX));
const answerSchema = v.nullable(
  v.object({
    hotkeys: v.nullable(lists(v.string())),
    coldkeys: v.nullable(lists(v.string())),
    active: v.nullable(lists(v.boolean())),
    validatorPermit: v.nullable(lists(v.boolean())),
    lastUpdate: v.nullable(lists(smallUint)),
    emission: v.nullable(lists(anyUint)),
    dividends: v.nullable(lists(smallUint)),
    incentives: v.nullable(lists(smallUint)),
    consensus: v.nullable(lists(smallUint)),
    trust: v.nullable(lists(smallUint)),
    blockAtRegistration: v.nullable(lists(smallUint)),
  }),
);

/** Who held the uids when they were looked at last: their stakes are asked for in the same frame as the neurons. */
const lastSeen = new WeakMap<Session, Map<number, readonly Ss58[]>>();

/**
 * All neurons in the state of one block by `get_selective_metagraph`. What a neuron has staked is asked of storage
 * beside it: the call's own figure counts what children and parents lend.
 * @returns null where this runtime has no such call, or does not fill a field that is needed
 */
export async function readSelective(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly Neuron[] | null> {
  const known = lastSeen.get(session)?.get(netuid) ?? [];
  const args = [netuid, Object.values(selectivePlaces)];
  const [found, stakes] = await Promise.all([
    callRuntime(session, 'SubnetInfoRuntimeApi', 'get_selective_metagraph', args, at, signal),
    readStakes(session, netuid, known, at, signal),
  ]);
  if (found === undefined) return null;
  const answer = parse(answerSchema, found);
  const columns = answer && filled(answer);
  if (!columns) return null;
  const hotkeys = columns.hotkeys.map(ss58);
  const missing = hotkeys.filter((hotkey) => !stakes.has(hotkey));
  const late = await readStakes(session, netuid, missing, at, signal);
  const seen = lastSeen.get(session) ?? new Map<number, readonly Ss58[]>();
  lastSeen.set(session, seen.set(netuid, hotkeys));

  // The call still has the field where the runtime fills it with nothing.
  const trust = storageItem(session, 'SubtensorModule', 'Trust') && columns.trust;
  return hotkeys.map((hotkey, uid) => ({
    uid,
    hotkey,
    coldkey: ss58(columns.coldkeys[uid] ?? ''),
    validatorPermit: columns.validatorPermit[uid] ?? false,
    active: columns.active[uid] ?? false,
    registeredAt: columns.blockAtRegistration[uid] ?? 0,
    lastUpdate: columns.lastUpdate[uid] ?? 0,
    incentive: columns.incentives[uid] ?? 0,
    dividends: columns.dividends[uid] ?? 0,
    consensus: columns.consensus && (columns.consensus[uid] ?? 0),
    trust: trust && (trust[uid] ?? 0),
    emissionAlpha: alphaRao(columns.emission[uid] ?? 0n),
    stakeAlpha: alphaRao(stakes.get(hotkey) ?? late.get(hotkey) ?? 0n),
  }));
}

type Answer = NonNullable<v.InferOutput<typeof answerSchema>>;
/** Figures that no rule needs: where they are not told, all else is of use. */
type Told = 'consensus' | 'trust';
type Filled = { readonly [K in Exclude<keyof Answer, Told>]: NonNullable<Answer[K]> } & Pick<Answer, Told>;

/** @throws {AppError} CHAIN_ANSWER_MALFORMED where the hotkeys are not the coldkeys' */
function filled(answer: Answer): Filled | null {
  const { consensus: _consensus, trust: _trust, ...needed } = answer;
  if (Object.values(needed).some((column) => column === null)) return null;
  const { hotkeys, coldkeys } = answer as Filled;
  if (hotkeys.length !== coldkeys.length)
    throw new AppError('CHAIN_ANSWER_MALFORMED', {
      what: `${hotkeys.length} hotkeys, ${coldkeys.length} coldkeys`,
    });
  return answer as Filled;
}

async function readStakes(
  session: Session,
  netuid: number,
  hotkeys: readonly Ss58[],
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<Ss58, bigint>> {
  if (hotkeys.length === 0) return new Map();
  const item = requiredItem(session, 'SubtensorModule', 'TotalHotkeyAlpha');
  const queries = hotkeys.map((hotkey) => ({ item, args: [hotkey, netuid] }));
  const stakes = await readMany(session, queries, at, signal);
  return new Map(hotkeys.map((hotkey, i) => [hotkey, parse(anyUint, stakes[i]?.toPrimitive())]));
}
