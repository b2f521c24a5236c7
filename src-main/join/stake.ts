import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { withLimit } from '../../src-node/waits.ts';
import { count } from '../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { formatAmount, type Hex, type Rao, type Ss58, taoText } from '../../src-shared/units.ts';
import type { Chain, Signer, TxFate } from '../network/chain.ts';
import { JOIN_READ_LIMIT_MS, JOIN_TX_LIMIT_MS, STAKE_LIFE_BLOCKS, STAKE_RETRY_BLOCKS } from './limits.ts';
import { limitOfStake } from './stake-quote.ts';

/** Waiting does not change these: a person decides what to do. */
const FINAL: ReadonlySet<string> = new Set(['STAKE_MOVES_PRICE', 'CHAIN_CALL_UNAVAILABLE']);
/** What refuses in the name of the node's pool: no block holds it. */
const NODE = 'Transaction';
/** How the chain says that the limit price held. */
const PRICE_MOVED: ReadonlySet<string> = new Set(['SlippageTooHigh', 'ZeroMaxStakeAmount']);

export interface StakeOnce {
  readonly chain: Chain;
  readonly hotkey: Ss58;
  readonly coldkey: Signer;
  readonly amountRao: Rao;
  /** Remembers the last attempt: after a crash nothing is sent while it may still be included. */
  readonly path: string;
  /** Why nothing was staked, or that the note of the last attempt was damaged. */
  told(error: CodedError): void;
  onStaked(outcome: CodedError): void;
  log(line: string): void;
  readonly signal: AbortSignal;
}

const attemptSchema = v.nullable(v.object({ lastBlock: count }));

/**
 * Stakes once the subnet pays, and never twice: nothing is added where the coldkey holds stake on the hotkey, nor
 * before an earlier attempt can no longer be included. What a block refused cost its fee and is not tried again.
 * @returns a function that ends the waiting.
 */
export function stakeWhenOpen(options: StakeOnce): () => void {
  const { chain, hotkey, coldkey, amountRao, path, log, signal } = options;
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
    log(`staking: ${fate.kind}`);
    if (fate.kind === 'finalized') {
      off();
      if (fate.effect) await tellStaked(options, fate.blockHash);
      else
        options.told({
          code: 'STAKE_REFUSED',
          params: { amount: taoText(amountRao), error: 'nothing was done' },
        });
    }
    // One that no block holds cost nothing. An unknown fate may still come true: the note keeps us from another.
    if (fate.kind !== 'refused' || fate.module === NODE) return;
    off();
    const [amount, { error }] = [taoText(amountRao), fate];
    options.told(
      PRICE_MOVED.has(error)
        ? { code: 'STAKE_PRICE_MOVED', params: { amount } }
        : { code: 'STAKE_REFUSED', params: { amount, error } },
    );
  }

  const off = chain.on('finalized', ({ number }) => {
    if (looking || number < notBefore) return;
    looking = true;
    look(number)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        log(`staking: ${error}`);
        if (!(error instanceof AppError && FINAL.has(error.code))) return;
        off();
        options.told(error);
      })
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
  const limitPriceRao = await limitOfStake(chain, amountRao, signal);
  const lastBlock = block + STAKE_LIFE_BLOCKS;
  await note.write({ lastBlock });
  const call = { kind: 'addStakeLimit', allowPartial: false, hotkey, amountRao, limitPriceRao } as const;
  const fate = await chain.submit(call, coldkey, withLimit(signal, JOIN_TX_LIMIT_MS), { lastBlock });
  // Refused and expired are final: the next attempt need not wait for the rest of its life.
  if (fate.kind === 'refused' || fate.kind === 'expired') await note.write(null);
  return fate;
}

/** What it came to, read where it happened. */
async function tellStaked(
  { chain, hotkey, coldkey, amountRao, onStaked, signal }: StakeOnce,
  at: Hex,
): Promise<void> {
  const alpha = await chain.stake(hotkey, coldkey.address, at, withLimit(signal, JOIN_READ_LIMIT_MS));
  onStaked({ code: 'STAKE_DONE', params: { amount: taoText(amountRao), alpha: formatAmount(alpha, 9) } });
}
