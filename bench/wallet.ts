import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';
import { clicksToStake } from './wallet/clicks-to-stake.ts';
import { clicksToWallet } from './wallet/clicks-to-wallet.ts';
import { foreignWallets } from './wallet/foreign-wallets.ts';
import { ledgerDriftRao } from './wallet/ledger-drift.ts';
import { moneyFuzz } from './wallet/money-fuzz.ts';
import { portfolioS } from './wallet/portfolio.ts';
import { walletsReadByBtcli } from './wallet/read-by-btcli.ts';
import { screensAxe } from './wallet/screens-axe.ts';
import { unlockDelay } from './wallet/unlock-delay.ts';

const measures: Measures = {
  'clicks-to-stake': clicksToStake,
  'clicks-to-wallet': clicksToWallet,
  'screens-axe': screensAxe,
  'unlock-delay-p99-ms': unlockDelay,
  'foreign-wallets': foreignWallets,
  'wallets-read-by-btcli': walletsReadByBtcli,
  'money-fuzz': moneyFuzz,
  'portfolio-s': portfolioS,
  'ledger-drift-rao': ledgerDriftRao,
};

/** Wallets: those of others here, ours elsewhere, what a password costs the host, and money on the page. */
export const bench: Bench = (only) => reportOf(measures, only);
