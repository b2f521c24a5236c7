import { withLimit } from '../../src-node/waits.ts';
import { rolesOf } from '../../src-shared/economics/roles.ts';
import { largeMoves } from '../../src-shared/economics/stake-moves.ts';
import type { AlphaRao } from '../../src-shared/units.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import type { Market } from '../network/reads/market.ts';
import type { BatchedRows } from '../store/rows.ts';
import { storable } from '../store/subnet-store.ts';
import { backfill } from './backfill.ts';
import { blockTimeOf, whenWas } from './block-time.ts';
import { FIELD_BLOCK_MS, HISTORY_MS, POINT_LIMIT_MS } from './limits.ts';
import type { RecorderOptions } from './recorded.ts';
import { lendersIn, returnRows } from './returns.ts';

/**
 * Keeps a subnet's past while a run works on it: once an epoch what the pool and the seats were, and what validators
 * returned; large stake moves and changes of its owner as they are seen. It costs a handful of requests an epoch.
 * @returns what ends it
 */
export function recordSubnet(options: RecorderOptions): () => void {
  const { chain, store, add, log, nowMs } = options;
  const stopping = new AbortController();
  let before: SubnetSnapshot | null = null;
  let owner: string | null = null;
  let circulating: AlphaRao | null = null;
  let dueBlock = 0;
  let isReading = false;
  let isFirst = true;

  function look(snapshot: SubnetSnapshot): void {
    noteMoves(snapshot);
    void noteOwner(snapshot).catch(told);
    before = snapshot;
    if (isReading || snapshot.block.number < dueBlock) return;
    isReading = true;
    void keepPoint(snapshot)
      .catch(told)
      .finally(() => {
        isReading = false;
      });
  }
  const told = (error: unknown) => stopping.signal.aborted || log(`the subnet's past: ${error}`);

  async function keepPoint(snapshot: SubnetSnapshot): Promise<void> {
    const { block, subnet, neurons } = snapshot;
    const { tempo } = subnet;
    // A chain that does not answer now is asked again some blocks later, not with each of them.
    dueBlock = block.number + Math.max(1, Math.ceil(tempo / 10));
    const limit = withLimit(stopping.signal, POINT_LIMIT_MS);
    const [market, dividends, measuredMs] = await Promise.all([
      chain.economy.market(block.hash, limit),
      chain.economy.dividends(lendersIn(neurons), block.hash, limit),
      blockTimeOf(chain, block, limit),
    ]);
    circulating = market.alphaOut;
    const { epochBlock } = market;
    const [last] = isFirst ? await store.points(nowMs() - HISTORY_MS, 1) : [];
    dueBlock = Math.max(dueBlock, (epochBlock ?? block.number) + tempo + 1);
    add('subnetPoint', pointOf(store.chain, snapshot, market, nowMs()));
    if (epochBlock !== null) {
      // When it was, not when it is seen: of a subnet that rests it may be long ago.
      const seen = { at: block.number, nowMs: nowMs(), blockMs: measuredMs ?? FIELD_BLOCK_MS };
      const at = { chain: store.chain, block: epochBlock, atMs: whenWas(epochBlock, seen) };
      for (const row of returnRows(at, neurons, dividends)) add('epochReturn', row);
    }
    if (!isFirst) return;
    isFirst = false;
    await backfill(options, snapshot, last?.block ?? null, stopping.signal);
  }

  function noteMoves({ block, subnet, neurons }: SubnetSnapshot): void {
    if (!before || circulating === null) return;
    const blocks = block.number - before.block.number;
    const epochs = Math.max(1, Math.ceil(blocks / Math.max(1, subnet.tempo)));
    for (const move of largeMoves(before.neurons, neurons, circulating, epochs)) {
      const alpha = storable(move.alpha);
      if (alpha === null) continue;
      add('stakeMove', { ...move, alpha, chain: store.chain, block: block.number, atMs: nowMs() });
    }
  }

  async function noteOwner({ block, subnet: { ownerColdkey } }: SubnetSnapshot): Promise<void> {
    if (ownerColdkey === null || ownerColdkey === owner) return;
    owner = ownerColdkey;
    if ((await store.ownerSince(ownerColdkey)) !== null) return;
    add('subnetOwner', {
      chain: store.chain,
      block: block.number,
      atMs: nowMs(),
      coldkey: ownerColdkey,
    });
  }

  const off = chain.on('snapshot', look);
  if (chain.snapshot) look(chain.snapshot);
  return () => {
    off();
    stopping.abort();
  };
}

function pointOf(
  chain: string,
  { block, subnet, neurons, alphaPriceRao }: SubnetSnapshot,
  market: Market,
  atMs: number,
): BatchedRows['subnetPoint'] {
  const { miner, validator } = rolesOf(neurons);
  return {
    chain,
    block: block.number,
    atMs,
    priceRao: storable(alphaPriceRao),
    taoIn: storable(market.taoIn),
    taoInEmission: storable(market.taoInEmission),
    burnRao: storable(subnet.burnRao),
    volumeRao: storable(market.volumeRao),
    miners: miner,
    validators: validator,
  };
}
