import type { MoneyQuote, MoneyTerms, TransactionState } from '../../../src-shared/contract/page/money.ts';
import type { ReviewTask } from '../../../src-shared/contract/signing.ts';
import { describeError } from '../../../src-shared/errors/app-error.ts';
import { oneLine } from '../../../src-shared/one-line.ts';
import { rao, taoText } from '../../../src-shared/units.ts';
import { alphaText, percentText } from '../../wallet/quotes/ground.ts';
import { line } from '../line.ts';

/** What a terminal says of an order: the same facts as the page, a line each. */

const price = (value: bigint): string => `${taoText(rao(value))} an alpha`;
const percent = (bps: number): string => `${percentText(bps)} %`;

export function quoteLines(quote: MoneyQuote): string[] {
  const { terms, networkFeeRao, freeNowRao, freeAfterRao, block, warnings } = quote;
  return [
    `In the state of block ${block}:`,
    ...(terms ? termLines(terms) : []),
    line('Network fee', networkFeeRao === null ? 'the node does not say' : taoText(networkFeeRao)),
    line('Free now', taoText(freeNowRao)),
    line(
      'After this, free',
      freeAfterRao === null ? 'depends on what the chain pays' : taoText(freeAfterRao),
    ),
    ...warnings.map((warning) => `  Note: ${describeError(warning).sentence}`),
  ];
}

function termLines(terms: MoneyTerms): string[] {
  switch (terms.kind) {
    case 'stake':
      return [
        line('You pay', taoText(terms.payRao)),
        line('You receive about', alphaText(terms.receiveAlpha)),
        line('At worst', `${alphaText(terms.leastAlpha)}, or nothing happens`),
        line('Price now', price(terms.priceRao)),
        line('Price that you pay', price(terms.paidPriceRao)),
        line('You move the price by', percent(terms.impactBps)),
        line('Pool fee', taoText(terms.swapFeeRao)),
        line('Sold back at once', terms.soldBackRao === null ? 'no quote' : taoText(terms.soldBackRao)),
      ];
    case 'unstake':
      return [
        line('You give', alphaText(terms.giveAlpha)),
        line('You receive about', taoText(terms.receiveRao)),
        line('At worst', `${taoText(terms.leastRao)}, or nothing happens`),
        line('Price now', price(terms.priceRao)),
        line('Price that you get', price(terms.paidPriceRao)),
        line('You move the price by', percent(terms.impactBps)),
        line('Pool fee', alphaText(terms.swapFeeAlpha)),
        line('Stays staked', alphaText(terms.leftAlpha)),
      ];
    case 'transfer':
      return [
        line('You send', taoText(terms.amountRao)),
        line('To', terms.to),
        ...(terms.isFirst ? ['  Note: you send there for the first time.'] : []),
      ];
    case 'register':
      return [
        line('A place costs now', taoText(terms.priceRao)),
        line('At most', terms.capsPrice ? taoText(terms.limitRao) : 'this chain holds no limit'),
        line('Safe for', `${terms.immunityBlocks} blocks`),
      ];
    case 'openSubnet':
      return [
        line('A subnet costs now', taoText(terms.priceRao)),
        line('If somebody is first', `about ${taoText(terms.worstRao)}: no chain holds a limit here`),
      ];
    case 'ownSubnet':
      return terms.changes.map(({ name, from, to }) => line(name, `${shown(from)} → ${shown(to)}`));
    default:
      return [line('Moves', alphaText(terms.alpha)), line('Stays', alphaText(terms.leftAlpha))];
  }
}

/** What a chain holds may be anything: as one line, and what is empty as such. */
const shown = (text: string): string => (text === '' ? '(nothing)' : oneLine(text));

const undone: Readonly<Record<ReviewTask['undone'], string>> = {
  'by-selling': 'by selling again, at the price of then',
  'by-moving-back': 'by moving it back',
  'by-writing-again': 'by writing it again',
  never: 'never',
};

const nameFrom: Readonly<Record<ReviewTask['names'][number]['from'], string>> = {
  own: '',
  watched: ' (watched)',
  contact: ' (address book)',
};

/** What is signed, read from the very bytes. */
export function reviewLines({
  call,
  coldkey,
  walletName,
  network,
  subnet,
  names,
  ...task
}: ReviewTask): string[] {
  const named = names.map(({ address, name, from }) => line(`${name}${nameFrom[from]}`, address));
  return [
    call.sentence,
    line('Signed by', `${walletName ?? ''} ${coldkey}`.trim()),
    line('Network', `${network.name}${network.mark ? ` (${network.mark})` : ''}, genesis ${network.genesis}`),
    line('Asked at', task.endpoint),
    ...(subnet ? [line('Subnet', `${subnet.netuid}, on chain “${subnet.name ?? '?'}”`)] : []),
    line('It can cost at most', task.most),
    line('It can be undone', undone[task.undone]),
    ...named,
    `  The bytes say ${call.name}:`,
    ...call.lines.map(({ name, value }) => `  ${line(name, value)}`),
  ];
}

export function stateLine(state: TransactionState): string {
  switch (state.kind) {
    case 'review':
      return 'Waits for your yes.';
    case 'signed':
      return '1 of 5  signed';
    case 'sent':
      return '2 of 5  sent: a node has it';
    case 'in-block':
      return `3 of 5  in block ${state.block}\n4 of 5  waits to be final`;
    case 'done':
      return [`5 of 5  done, final in block ${state.block}`, ...outcomeLines(state.outcome)].join('\n');
    case 'refused':
      return [
        state.block === null
          ? 'Refused: no block holds it.'
          : `Refused in block ${state.block}: nothing was exchanged, the fee is spent.`,
        describeError(state.error).sentence,
        ...(state.retryBlock === undefined
          ? []
          : [`Block ${state.retryBlock} can take it: order it again then.`]),
      ].join(' ');
    case 'expired':
      return 'Expired: no block took it in time. Nothing was spent.';
    case 'unknown':
      if (state.block !== undefined)
        return `In block ${state.block}, and what it did there can be read no more. Compare your balance and stake.`;
      return `Not known yet whether it happened. It is looked for block by block, and is not sent again.`;
  }
}

function outcomeLines({
  balanceRao,
  taoRao,
  alpha,
  uid,
  netuid,
}: Extract<TransactionState, { kind: 'done' }>['outcome']): string[] {
  const sign = (amount: bigint) =>
    `${amount < 0n ? '-' : '+'}${taoText(rao(amount < 0n ? -amount : amount))}`;
  return [
    ...(taoRao === null ? [] : [line('TAO', taoText(taoRao))]),
    ...(alpha === null ? [] : [line('Alpha', alphaText(alpha))]),
    ...(uid === null ? [] : [line('Its place', `uid ${uid}`)]),
    ...(netuid === undefined ? [] : [line('Its number', `netuid ${netuid}`)]),
    line(
      'Your free balance',
      balanceRao === null ? 'not known: more than this moved in the block' : sign(balanceRao),
    ),
  ];
}

/** A line of JSON. Amounts are texts of digits: as numbers they would lose their end. */
export const jsonLine = (value: object): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
