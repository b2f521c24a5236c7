import { btcliCommands } from './chain/btcli-commands.ts';
import { conservationRao } from './chain/conservation.ts';
import { devnetDayS } from './chain/devnet-day.ts';
import { epoch256Ms } from './chain/epoch-256.ts';
import { limitBreaches } from './chain/limit-breaches.ts';
import { papiReads } from './chain/papi-reads.ts';
import { quoteErrorRao } from './chain/quote-error.ts';
import { readsPerBlock } from './chain/reads-per-block.ts';
import { sdkReads } from './chain/sdk-reads.ts';
import { silentEndpoint } from './chain/silent-endpoint.ts';
import { timelockMs } from './chain/timelock.ts';
import { yumaError } from './chain/yuma-error.ts';
import type { Bench } from './report/figures.ts';
import { type Measures, reportOf } from './report/measure.ts';

const measures: Measures = {
  'epoch-256-ms': epoch256Ms,
  'devnet-day-s': devnetDayS,
  'yuma-error': yumaError,
  'conservation-rao': conservationRao,
  'quote-error-rao': quoteErrorRao,
  'limit-breaches': limitBreaches,
  'papi-reads': papiReads,
  'sdk-reads': sdkReads,
  'btcli-commands': btcliCommands,
  'timelock-ms': timelockMs,
  'silent-endpoint-s': silentEndpoint,
  'reads-per-block': readsPerBlock,
};

/** What Butterfly says to a chain, and what others can do with its own. */
export const bench: Bench = (only) => reportOf(measures, only);
