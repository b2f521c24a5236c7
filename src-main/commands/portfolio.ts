import type { Ss58 } from '../../src-shared/units.ts';
import { type ChosenNetwork, network, wallet } from './money.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { dataDir } from './shared-options.ts';
import { address } from './values.ts';

/** All that an account holds, on a terminal: needs no host and no password. */
export const portfolio = command({
  name: 'portfolio',
  summary: 'Show what an account holds over all subnets, and what it would bring if sold now.',
  options: {
    network: {
      name: '--network',
      help: 'finney, test, or where the node of another network answers.',
      value: network,
    } as ValueOption<ChosenNetwork>,
    wallet: { name: '--wallet', help: 'Whose account.', value: wallet } as ValueOption<string>,
    coldkey: {
      name: '--coldkey',
      help: 'Any account, by its address.',
      value: address,
    } as ValueOption<Ss58>,
    json: { name: '--json', help: 'Print it as JSON; amounts are rao, as text.' } as SwitchOption,
    dataDir,
  },
  rules: [
    { kind: 'demands', key: 'network' },
    { kind: 'excludes', key: 'wallet', other: 'coldkey' },
  ],
});

export type PortfolioOptions = SaidOf<typeof portfolio>;
