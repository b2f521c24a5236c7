import { withLimit } from '../src-node/waits.ts';
import { VALIDATORS_SHOWN, type ValidatorsView } from '../src-shared/contract/page/validators.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { blockTimeOf, whenWas } from './economy/block-time.ts';
import { FIELD_BLOCK_MS, LOOK_LIMIT_MS } from './economy/limits.ts';
import { weekReturns } from './economy/week-returns.ts';
import type { Networks } from './network/networks.ts';
import type { SubnetValidators } from './network/reads/validators.ts';
import type { EpochReturnRow } from './store/rows.ts';
import type { Store } from './store/store.ts';
import { storable } from './store/subnet-store.ts';

export interface ValidatorsOf {
  readonly network: string;
  readonly netuid: number;
  /** Hotkeys that are told of whatever they do there. */
  readonly also: readonly Ss58[];
}

/**
 * Whom stake can go to on a subnet of a network that is open here, and what it brought.
 * @throws {AppError} NETWORK_NOT_OPEN, SUBNET_ABSENT, CHAIN_UNREACHABLE
 */
export async function lookAtValidators(
  {
    networks,
    store,
  }: { readonly networks: Pick<Networks, 'all'>; readonly store: Pick<Store, 'subnet' | 'add'> },
  { network: name, netuid, also }: ValidatorsOf,
  wait: AbortSignal,
): Promise<ValidatorsView> {
  const signal = withLimit(wait, LOOK_LIMIT_MS);
  const network = networks.all.get(name);
  if (!network) throw new AppError('NETWORK_NOT_OPEN', { network: name });
  const { finalized: at, endpoint, genesisHash } = network;
  if (!at) throw new AppError('CHAIN_UNREACHABLE', { endpoint });
  const [found, measuredMs] = await Promise.all([
    network.validators(netuid, also, at.hash, signal),
    blockTimeOf(network, at, signal),
  ]);
  if (!found.isThere) throw new AppError('SUBNET_ABSENT', { netuid, chain: endpoint });
  // The largest, and whatever was asked for by name: on that lies stake of one's own.
  const rows = found.rows.filter(({ hotkey }, i) => i < VALIDATORS_SHOWN || also.includes(hotkey));
  const blockMs = measuredMs ?? FIELD_BLOCK_MS;
  const nowMs = Date.now();
  const kept = store.subnet(genesisHash, netuid);
  const newest = lastEpoch(found, kept.chain, (block) => whenWas(block, { at: at.number, nowMs, blockMs }));
  // Whoever looks again in some days then sees these.
  for (const row of newest) store.add('epochReturn', row);
  const weekOf = await weekReturns(
    {
      ...{ network, netuid, block: at.number, tempo: found.tempo, nowMs, blockMs },
      ...{ store: kept, newest },
      hotkeys: rows.map(({ hotkey }) => hotkey),
    },
    signal,
  );
  return {
    netuid,
    subnetName: found.name,
    block: at.number,
    rows: rows.map(({ lastEpoch: _, ...row }) => ({ ...row, week: weekOf(row.hotkey) })),
  };
}

/** @param timeOf when a block was; the last epoch of a subnet may be long ago */
function lastEpoch(
  { epochBlock, rows }: SubnetValidators,
  chain: string,
  timeOf: (block: number) => number,
): EpochReturnRow[] {
  if (epochBlock === null) return [];
  const atMs = timeOf(epochBlock);
  return rows.flatMap(({ hotkey, take, lastEpoch: last }) => {
    const [dividends, stake] = [storable(last?.dividends ?? null), storable(last?.stakeAlpha ?? null)];
    if (dividends === null || stake === null) return [];
    return [{ chain, block: epochBlock, hotkey, atMs, dividends, stake, take }];
  });
}
