import type { CallName } from '../../../src-shared/chain/calls.ts';
import { formatAmount, rao, taoText } from '../../../src-shared/units.ts';
import type { Arguments } from './decoded.ts';

/** Amounts in the words of a call, to the last rao. */
export const taoIn = (args: Arguments, name: string): string => taoText(rao(args.amount(name)));

export const alphaIn = (args: Arguments, name: string): string =>
  `${formatAmount(args.amount(name), 9).replace(/\.?0+$/, '')} alpha`;

/** What an order may do where its limit allows only a part. */
export const partly = (args: Arguments): string => (args.flag('allowPartial') ? ', or a part of it' : '');

/** The mechanism of a subnet that has several; the plain names of calls mean the first. */
export const mechanismIn = (args: Arguments, name: CallName): string =>
  name.includes('mechanism') ? `, mechanism ${args.count('mecid')}` : '';
