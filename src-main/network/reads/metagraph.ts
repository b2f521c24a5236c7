import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { alphaRao, type Hex, ss58 } from '../../../src-shared/units.ts';
import type { Neuron } from '../chain.ts';
import { NEURONS_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, type Query, readMany, requiredItem, smallUint, storageItem } from '../storage.ts';
import { readSelective } from './selective-metagraph.ts';

const numbers = v.array(smallUint);
const amounts = v.array(anyUint);
const flags = v.array(v.boolean());

/** All neurons in the state of one block: by the runtime's own call where it has one, else from its storage. */
export const readMetagraph = async (
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly Neuron[]> =>
  (await readSelective(session, netuid, at, signal)) ?? readStored(session, netuid, at, signal);

/**
 * From the storage maps, in three requests one after another: counts and vectors, what is kept per uid, what is kept
 * per hotkey.
 */
export async function readStored(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly Neuron[]> {
  const item = (name: string) => requiredItem(session, 'SubtensorModule', name);
  const vectors = ['Emission', 'Incentive', 'Dividends', 'ValidatorPermit', 'Active', 'LastUpdate'];
  const later = ['Consensus', 'Trust'].map((name) => storageItem(session, 'SubtensorModule', name));
  const first = await readMany(
    session,
    [...['SubnetworkN', ...vectors].map(item), ...later.filter((one) => one !== null)].map((one) => ({
      ...{ item: one, args: [netuid] },
    })),
    at,
    signal,
  );
  const [count, emission, incentive, dividends, permit, active, lastUpdate, ...last] = first.map((c) =>
    c?.toPrimitive(),
  );
  const [consensus, trust] = later.map((one) => (one ? parse(numbers, last.shift()) : null));
  const n = parse(smallUint, count);
  if (n > NEURONS_MAX) throw new AppError('CHAIN_ANSWER_MALFORMED', { what: `${n} neurons` });

  const uids = Array.from({ length: n }, (_, uid) => uid);
  const ofUids = (name: string): Query[] => uids.map((uid) => ({ item: item(name), args: [netuid, uid] }));
  const perUid = await readMany(session, [...ofUids('Keys'), ...ofUids('BlockAtRegistration')], at, signal);
  const hotkeys = uids.map((uid) => String(perUid[uid]?.toPrimitive()));
  const registered = uids.map((uid) => parse(smallUint, perUid[n + uid]?.toPrimitive()));

  const perHotkey = await readMany(
    session,
    [
      ...hotkeys.map((hotkey) => ({ item: item('Owner'), args: [hotkey] })),
      ...hotkeys.map((hotkey) => ({ item: item('TotalHotkeyAlpha'), args: [hotkey, netuid] })),
    ],
    at,
    signal,
  );
  const columns = {
    emission: parse(amounts, emission),
    incentive: parse(numbers, incentive),
    dividends: parse(numbers, dividends),
    permit: parse(flags, permit),
    active: parse(flags, active),
    lastUpdate: parse(numbers, lastUpdate),
  };
  // A neuron that registered after the last epoch may be missing from the vectors: it earned nothing yet.
  return uids.map((uid) => ({
    uid,
    hotkey: ss58(hotkeys[uid] ?? ''),
    coldkey: ss58(String(perHotkey[uid]?.toPrimitive())),
    validatorPermit: columns.permit[uid] ?? false,
    active: columns.active[uid] ?? false,
    registeredAt: registered[uid] ?? 0,
    lastUpdate: columns.lastUpdate[uid] ?? 0,
    incentive: columns.incentive[uid] ?? 0,
    dividends: columns.dividends[uid] ?? 0,
    consensus: consensus ? (consensus[uid] ?? 0) : null,
    trust: trust ? (trust[uid] ?? 0) : null,
    emissionAlpha: alphaRao(columns.emission[uid] ?? 0n),
    stakeAlpha: alphaRao(parse(anyUint, perHotkey[n + uid]?.toPrimitive())),
  }));
}
