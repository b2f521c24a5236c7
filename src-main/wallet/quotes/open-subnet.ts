import type { Intent } from '../../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { rao, taoText, typedTao } from '../../../src-shared/units.ts';
import { ROOT } from '../../network/expected-subnet.ts';
import { UNCAPPED_LIFE_BLOCKS } from '../limits.ts';
import { type QuoteGround, refused, type Weighed } from './ground.ts';

type OpenSubnet = Extract<Intent, { kind: 'openSubnet' }>;

/** What each subnet that somebody opens does to the price of the next. */
const PRICE_FACTOR = 2n;

/**
 * A subnet of one's own. No chain holds this order to a limit, and the price doubles with whoever is first: what it is
 * now may not be above the limit, and what it could come to is said and typed.
 */
export async function weighOpenSubnet(
  { chain, at, coldkey }: QuoteGround,
  { hotkey, limitRao }: OpenSubnet,
  signal: AbortSignal,
): Promise<Weighed> {
  const [priceRao, { owner }] = await Promise.all([
    chain.subnetPrice(at.hash, signal),
    chain.hotkey(ROOT, hotkey, at.hash, signal),
  ]);
  if (priceRao === null)
    return refused({ code: 'CHAIN_CALL_UNAVAILABLE', params: { call: 'get_network_registration_cost' } });
  const worstRao = rao(priceRao * PRICE_FACTOR);
  const problem: CodedError | null =
    owner !== null && owner !== coldkey
      ? { code: 'HOTKEY_OF_ANOTHER', params: { hotkey } }
      : priceRao > limitRao
        ? { code: 'REGISTRATION_OVER_LIMIT', params: { cost: taoText(priceRao), limit: taoText(limitRao) } }
        : null;
  return {
    terms: { kind: 'openSubnet', priceRao, worstRao },
    call: { kind: 'registerNetwork', hotkey },
    spendsRao: worstRao,
    isPaidOut: false,
    undone: 'never',
    warnings: [{ code: 'SUBNET_PRICE_UNCAPPED', params: { worst: taoText(worstRao) } }],
    isUnusual: true,
    problem,
    amountText: typedTao(worstRao),
    lifeBlocks: UNCAPPED_LIFE_BLOCKS,
  };
}
