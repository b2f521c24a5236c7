import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { withLimit } from '../../src-node/waits.ts';
import { count } from '../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { type Rao, rao, type Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer, TxFate } from '../network/chain.ts';
import { JOIN_READ_LIMIT_MS, JOIN_TX_LIMIT_MS, STAKE_LIFE_BLOCKS, STAKE_RETRY_BLOCKS } from './limits.ts';

/** Above the spot price a staker accepts this much, in per cent, before the call fails without exchange. */
const STAKE_TOLERANCE_PERCENT = 5n;

export interface StakeOnce {
  readonly chain: Chain;
  readonly hotkey: Ss58;
  readonly coldkey: Signer;
  readonly amountRao: Rao;
  /** Remembers the last attempt: after a crash nothing is sent while it may still be included. */
  readonly path: string;
  /** The note of the last attempt was damaged. */
  told(error: CodedError): void;
  log(line: string): void;
  readonly signal: AbortSignal;
}

const attemptSchema = v.nullable(v.object({ lastBlock: count }));

/**
 * Stakes once the subnet pays, and never twice: nothing is added where the coldkey holds stake on the hotkey, nor
 * before an earlier attempt can no longer be included. A refusal (the price moved) is tried again with a new quote.
 * @returns a function that ends the waiting.
 */
export function stakeWhenOpen(options: StakeOnce): () => void {
  const { chain, hotkey, coldkey, path, log, signal } = options;
  let looking = false;
  let notBefore = 0;
  let isNoteLost = false;
  const note = durableJson({
    path,
    schema: attemptSchema,
    secondCopy: 'kept',
    told(error) {
      isNoteLost ||= error.code === 'FILE_DAMAGED';
      options.told(error);
    },
  });

  async function look(block: number): Promise<void> {
    const { firstEmissionBlock } = await chain.subnet(null, withLimit(signal, JOIN_READ_LIMIT_MS));
    if (firstEmissionBlock === null) return;
    const earlier = await note.read();
    // What a lost note spoke of may still be included: it is waited for as long as any attempt lives.
    if (isNoteLost) {
      await note.write({ lastBlock: block + STAKE_LIFE_BLOCKS });
      isNoteLost = false;
      return;
    }
    if (earlier && block <= earlier.lastBlock) return;
    const held = await chain.stake(hotkey, coldkey.address, null, withLimit(signal, JOIN_READ_LIMIT_MS));
    if (held > 0n) return off();
    const fate = await stake(options, note, block);
    // An unknown fate is one that may still come true; the note on disk keeps us from sending another meanwhile.
    if (fate.kind === 'finalized') off();
    else log(`staking: ${fate.kind}`);
  }

  const off = chain.on('finalized', ({ number }) => {
    if (looking || number < notBefore) return;
    looking = true;
    look(number)
      .catch((error: unknown) => signal.aborted || log(`staking: ${error}`))
      .finally(() => {
        notBefore = number + STAKE_RETRY_BLOCKS;
        looking = false;
      });
  });
  return off;
}

async function stake(
  { chain, hotkey, coldkey, amountRao, signal }: StakeOnce,
  note: DurableJson<v.InferOutput<typeof attemptSchema>>,
  block: number,
): Promise<TxFate> {
  const price = await chain.alphaPrice(null, withLimit(signal, JOIN_READ_LIMIT_MS));
  // No quote is no price: an unlimited order is never the answer to that.
  if (price === null || price === 0n)
    throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'current_alpha_price' });
  const limitPriceRao = rao((price * (100n + STAKE_TOLERANCE_PERCENT)) / 100n);
  const lastBlock = block + STAKE_LIFE_BLOCKS;
  await note.write({ lastBlock });
  const call = { kind: 'addStakeLimit', hotkey, amountRao, limitPriceRao } as const;
  const fate = await chain.submit(call, coldkey, withLimit(signal, JOIN_TX_LIMIT_MS), { lastBlock });
  // Refused and expired are final: the next attempt need not wait for the rest of its life.
  if (fate.kind === 'refused' || fate.kind === 'expired') await note.write(null);
  return fate;
}
