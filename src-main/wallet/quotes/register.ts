import type { Intent } from '../../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { type Rao, rao, taoText, typedTao } from '../../../src-shared/units.ts';
import { ROOT } from '../../network/expected-subnet.ts';
import type { RegistrationTerms } from '../../network/money.ts';
import type { HotkeyFacts } from '../../network/reads/account.ts';
import { UNCAPPED_LIFE_BLOCKS } from '../limits.ts';
import type { QuoteGround, Weighed } from './ground.ts';

type Register = Extract<Intent, { kind: 'register' }>;

/**
 * A place on a subnet for a hotkey, for at most the limit. A chain that cannot hold it to a limit is told so, with the
 * worst that can happen until its last block.
 */
export async function weighRegister(
  ground: QuoteGround,
  { netuid, hotkey, limitRao }: Register,
  signal: AbortSignal,
): Promise<Weighed> {
  const { chain, at, coldkey } = ground;
  const [facts, terms, subnet] = await Promise.all([
    chain.hotkey(netuid, hotkey, at.hash, signal),
    chain.registration(netuid, at, signal),
    chain.subnet(netuid, at.hash, signal),
  ]);
  const { burnRao, capsPrice } = terms;
  const worstRao = capsPrice ? limitRao : worstPrice(terms);
  return {
    terms: {
      ...{ kind: 'register', priceRao: burnRao, limitRao, capsPrice },
      immunityBlocks: subnet.immunityPeriod,
    },
    call: { kind: 'burnedRegister', hotkey, limitRao },
    spendsRao: worstRao,
    isPaidOut: false,
    undone: 'never',
    warnings: capsPrice ? [] : [{ code: 'PRICE_UNCAPPED', params: { worst: taoText(worstRao) } }],
    isUnusual: !capsPrice,
    problem: problemOf({ netuid, hotkey, limitRao }, facts, terms, coldkey),
    amountText: typedTao(limitRao),
    lifeBlocks: capsPrice ? null : UNCAPPED_LIFE_BLOCKS,
  };
}

/** At each end of an interval the price at most doubles; newer runtimes raise it with each registration. */
function worstPrice({ burnRao, maxBurnRao, interval }: RegistrationTerms): Rao {
  if (!interval) return maxBurnRao;
  const ends = 1 + Math.floor(UNCAPPED_LIFE_BLOCKS / Math.max(1, interval.blocks));
  const worst = burnRao * 2n ** BigInt(ends);
  return worst < maxBurnRao ? rao(worst) : maxBurnRao;
}

function problemOf(
  { netuid, hotkey, limitRao }: Omit<Register, 'kind'>,
  { owner, uid }: HotkeyFacts,
  { burnRao, isAllowed, fullUntil }: RegistrationTerms,
  coldkey: string,
): CodedError | null {
  if (uid !== null) return { code: 'HOTKEY_HAS_PLACE', params: { netuid, uid } };
  if (owner !== null && owner !== coldkey) return { code: 'HOTKEY_OF_ANOTHER', params: { hotkey } };
  if (!isAllowed || netuid === ROOT) return { code: 'REGISTRATION_CLOSED', params: { netuid } };
  if (fullUntil !== null) return { code: 'REGISTRATIONS_FULL', params: { block: fullUntil } };
  return burnRao > limitRao
    ? { code: 'REGISTRATION_OVER_LIMIT', params: { cost: taoText(burnRao), limit: taoText(limitRao) } }
    : null;
}
