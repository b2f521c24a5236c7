import type { MoneyNetwork } from '../../src-shared/contract/page/money.ts';
import type { KnownName, ReviewTask } from '../../src-shared/contract/signing.ts';
import { isShippedEndpoint } from '../../src-shared/settings.ts';
import { type Ss58, taoText } from '../../src-shared/units.ts';
import { knownNetwork } from '../network/known.ts';
import type { ReviewedCall } from '../network/review.ts';
import type { Holder } from './holders.ts';
import { REVIEW_LIFE_MS, SUBNET_NAME_CHARS } from './limits.ts';
import type { FrozenQuote, SubnetSeen } from './quotes/quote.ts';

/** What a person sees of an order before they say yes: what the bytes say, and what is known beside them. */
export function reviewTask(
  id: string,
  frozen: FrozenQuote & { readonly reviewed: ReviewedCall },
  at: {
    readonly network: MoneyNetwork;
    readonly holder: Holder;
    nameOf(address: Ss58): KnownName | null;
    /** Since when the settings name that endpoint for that network; null where they do not. */
    chosenSince(network: string, endpoint: string): number | null;
  },
): ReviewTask {
  const { order, quote, reviewed, weighed, subnet } = frozen;
  const { coldkey, network: name } = order.account;
  const { endpoint } = frozen.asked;
  return {
    id,
    call: reviewed.decoded,
    coldkey,
    walletName: at.holder.walletName,
    opens: at.holder.opens,
    isUsersWallet: at.holder.isUsers,
    // A real network is told by its own name, however it is called here.
    network: { ...at.network, name: knownNetwork(at.network.genesis)?.name ?? at.network.name },
    endpoint: new URL(endpoint).host,
    endpointChosen:
      at.network.isReal && !isShippedEndpoint(endpoint) ? { sinceMs: at.chosenSince(name, endpoint) } : null,
    subnet: subnet && shown(subnet),
    most: mostText(frozen),
    undone: weighed.undone,
    names: namesIn(reviewed, at.nameOf),
    warnings: quote.warnings,
    typedConsent: quote.typedConsent,
    expiresAtMs: Date.now() + REVIEW_LIFE_MS,
    state: 'waiting',
    problem: null,
  };
}

/** The most that is known, and what is not: a sum that is no cap does not look like one. */
function mostText({ quote, weighed }: FrozenQuote): string {
  return [
    taoText(quote.mostRao),
    quote.networkFeeRao === null ? 'plus a fee that the node does not tell' : null,
    weighed.call?.kind === 'transferAll' ? 'and whatever arrives until then' : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** Invisible letters and ends of lines stand in no name that is shown beside an amount. */
const shown = ({ netuid, name, isExpected }: SubnetSeen): ReviewTask['subnet'] => ({
  ...{ netuid, isExpected },
  name: name?.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, SUBNET_NAME_CHARS) ?? null,
});

const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{46,48}$/;

function namesIn(
  { decoded }: ReviewedCall,
  nameOf: (address: Ss58) => KnownName | null,
): ReviewTask['names'] {
  const addresses = decoded.lines.flatMap(({ value }) => (ADDRESS.test(value) ? [value as Ss58] : []));
  return [...new Set(addresses)].flatMap((address) => {
    const known = nameOf(address);
    return known === null ? [] : [{ address, ...known }];
  });
}
