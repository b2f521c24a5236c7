import { card } from './en/card.ts';
import { earnings } from './en/earnings.ts';
import { frame } from './en/frame.ts';
import { home } from './en/home.ts';
import { join } from './en/join.ts';
import { logs } from './en/logs.ts';
import { models } from './en/models.ts';
import { orders } from './en/orders.ts';
import { publishing } from './en/publishing.ts';
import { runLogs } from './en/run-logs.ts';
import { settings } from './en/settings.ts';
import { staking } from './en/staking.ts';
import { subnet } from './en/subnet.ts';
import { swarm } from './en/swarm.ts';
import { tokens } from './en/tokens.ts';
import { updates } from './en/updates.ts';
import { validator } from './en/validator.ts';
import { wallet } from './en/wallet.ts';
import { welcome } from './en/welcome.ts';
import { writing } from './en/writing.ts';

/**
 * Every word of the page, one file for each screen. `{name}` is filled from parameters; `.one`/`.other` follow the
 * language's plural rules with `{n}` as the count. Sentences of errors stand in src-shared/errors/catalogue.ts.
 */
export const en = {
  ...frame,
  ...welcome,
  ...join,
  ...settings,
  ...home,
  ...swarm,
  ...card,
  ...earnings,
  ...wallet,
  ...staking,
  ...models,
  ...orders,
  ...logs,
  ...subnet,
  ...writing,
  ...updates,
  ...runLogs,
  ...tokens,
  ...publishing,
  ...validator,
} as const;
