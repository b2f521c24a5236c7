import * as v from 'valibot';
import { roleOf } from '../../../src-shared/economics/roles.ts';
import { type AlphaRao, alphaRao, type Hex, type Ss58 } from '../../../src-shared/units.ts';
import type { Neuron } from '../chain.ts';
import { ROOT } from '../expected-subnet.ts';
import { hashIfThere } from '../follow.ts';
import type { Session } from '../session.ts';
import {
  anyUint,
  parse,
  type Query,
  readMany,
  type StorageItem,
  smallUint,
  storageItem,
} from '../storage.ts';
import { readItems } from './items.ts';
import { ifKept } from './kept-state.ts';
import { readDividends } from './market.ts';
import { readMetagraph } from './metagraph.ts';
import { readSubnet } from './subnet.ts';

/** Whom stake can go to on a subnet, in the state of one block. */
export interface SubnetValidators {
  readonly isThere: boolean;
  readonly name: string | null;
  readonly tempo: number;
  /** Of the last epoch; null where there was none, or the runtime does not say. */
  readonly epochBlock: number | null;
  /** The most stake first. */
  readonly rows: readonly ValidatorSeen[];
}

export interface ValidatorSeen {
  readonly hotkey: Ss58;
  readonly uid: number | null;
  readonly isValidator: boolean;
  readonly stakeAlpha: AlphaRao;
  readonly take: number | null;
  /** What the last epoch paid to the stake on it, its take left out, and that stake right after it; null: not told. */
  readonly lastEpoch: { readonly dividends: AlphaRao; readonly stakeAlpha: AlphaRao } | null;
}

/**
 * Who validates on a subnet, and these hotkeys besides, whatever they do there. On root everybody with a place does.
 * @param also hotkeys on which somebody has stake
 */
export async function readValidators(
  session: Session,
  netuid: number,
  also: readonly Ss58[],
  at: Hex,
  signal: AbortSignal,
): Promise<SubnetValidators> {
  const { isThere, name, tempo } = await readSubnet(session, netuid, at, signal);
  if (!isThere) return { isThere, name, tempo, epochBlock: null, rows: [] };
  const neurons = await readMetagraph(session, netuid, at, signal);
  const strangers = also.filter((hotkey) => !neurons.some((one) => one.hotkey === hotkey));
  const hotkeys = [...new Set([...neurons.filter(maySit).map(({ hotkey }) => hotkey), ...also])];
  const stakesOf = (item: string, those: readonly Ss58[]) =>
    readStakesOn(session, { item, netuid, hotkeys: those }, at, signal);
  const [dividends, stakes, afterEpoch, epochBlock] = await Promise.all([
    readDividends(session, netuid, hotkeys, at, signal),
    stakesOf('TotalHotkeyAlpha', strangers),
    stakesOf('TotalHotkeyAlphaLastEpoch', hotkeys),
    readEpochBlock(session, netuid, at, signal),
  ]);
  const told = new Map(
    dividends.map((one, i) => [one.hotkey, { ...one, stakeAlpha: afterEpoch[i] ?? alphaRao(0n) }]),
  );
  const paidTo = (hotkey: Ss58): Pick<ValidatorSeen, 'take' | 'lastEpoch'> => {
    const found = told.get(hotkey);
    return { take: found?.take ?? null, lastEpoch: found?.stakeAlpha ? found : null };
  };
  // A permit alone makes no validator, and where nobody sets weights the chain pays by stake.
  const isValidator = (one: Neuron) =>
    netuid === ROOT || roleOf(one) === 'validator' || (told.get(one.hotkey)?.dividends ?? 0n) > 0n;
  const rows = [
    ...neurons
      .map((one) => ({ ...one, isValidator: isValidator(one) }))
      .filter((one) => one.isValidator || also.includes(one.hotkey))
      .map(({ hotkey, uid, stakeAlpha, isValidator: seated }) => ({
        ...{ hotkey, uid, stakeAlpha, isValidator: seated },
        ...paidTo(hotkey),
      })),
    ...strangers.map((hotkey, i) => ({
      ...{ hotkey, uid: null, isValidator: false, stakeAlpha: stakes[i] ?? alphaRao(0n) },
      ...paidTo(hotkey),
    })),
  ];
  return { isThere, name, tempo, epochBlock, rows: rows.toSorted(largestFirst) };
}

const maySit = ({ validatorPermit, dividends, stakeAlpha }: Neuron): boolean =>
  validatorPermit || dividends > 0 || stakeAlpha > 0n;

const largestFirst = (a: ValidatorSeen, b: ValidatorSeen): number =>
  a.stakeAlpha === b.stakeAlpha ? 0 : a.stakeAlpha < b.stakeAlpha ? 1 : -1;

/** The chain keeps zero before the first one. */
async function readEpochBlock(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<number | null> {
  const names = ['LastEpochBlock', 'LastMechansimStepBlock'] as const;
  const found = await readItems(session, names, [netuid], at, signal);
  const block = names.map((name) => found[name]).find((value) => value !== undefined);
  return block == null ? null : parse(smallUint, block) || null;
}

/** What an item of alpha by hotkey and subnet says of each; empty where the runtime has no such item. */
async function readStakesOn(
  session: Session,
  { item: name, netuid, hotkeys }: { item: string; netuid: number; hotkeys: readonly Ss58[] },
  at: Hex,
  signal: AbortSignal,
): Promise<readonly AlphaRao[]> {
  const item = storageItem(session, 'SubtensorModule', name);
  if (!item || hotkeys.length === 0) return [];
  const queries = hotkeys.map((hotkey) => ({ item, args: [hotkey, netuid] }));
  const values = await readMany(session, queries, at, signal);
  return values.map((value) => alphaRao(parse(anyUint, value?.toPrimitive())));
}

/** By which names runtimes keep how many shares there are of what lies on a hotkey: the older as fixed point. */
const SHARES = ['TotalHotkeyShares', 'TotalHotkeySharesV2'] as const;
const sharesSchema = v.union([
  v.pipe(
    v.object({ bits: anyUint }),
    v.transform(({ bits }) => Number(bits) / 2 ** 64),
  ),
  v.pipe(
    v.object({ mantissa: anyUint, exponent: v.pipe(v.number(), v.integer()) }),
    v.transform(({ mantissa, exponent }) => Number(mantissa) * 10 ** exponent),
  ),
]);

/**
 * Alpha rao for one share of what lies on each hotkey, at a block. Where nothing lies, or this runtime counts shares in
 * a way that is not known here, a hotkey is absent.
 * @returns null where the node keeps no state of that block any more
 */
export async function readShareWorths(
  session: Session,
  netuid: number,
  hotkeys: readonly Ss58[],
  block: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<Ss58, number> | null> {
  const alpha = storageItem(session, 'SubtensorModule', 'TotalHotkeyAlpha');
  // A runtime that moves from one to the other row by row has both: a row stands in one of them.
  const shares = SHARES.map((name) => storageItem(session, 'SubtensorModule', name)).filter(
    (item) => item !== null,
  );
  if (!alpha || shares.length === 0 || hotkeys.length === 0) return new Map();
  const ofAll = (item: StorageItem): Query[] => hotkeys.map((hotkey) => ({ item, args: [hotkey, netuid] }));
  const hash = await hashIfThere(session, block, signal);
  const values = hash && (await ifKept(readMany(session, [alpha, ...shares].flatMap(ofAll), hash, signal)));
  if (!values) return null;
  const plain = values.map((value) => value?.toPrimitive() ?? null);
  return new Map(
    hotkeys.flatMap((hotkey, i) => {
      const held = Number(parse(anyUint, plain[i]));
      const found = shares.map((_, n) => v.safeParse(sharesSchema, plain[(n + 1) * hotkeys.length + i]));
      const counted = found.reduce((sum, one) => sum + (one.success ? one.output : 0), 0);
      return held > 0 && counted > 0 && Number.isFinite(counted) ? [[hotkey, held / counted] as const] : [];
    }),
  );
}
