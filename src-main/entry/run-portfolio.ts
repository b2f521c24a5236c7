import { join } from 'node:path';
import { within } from '../../src-node/waits.ts';
import type { Holdings, StakeView } from '../../src-shared/contract/page/money.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { oneLine } from '../../src-shared/one-line.ts';
import { type Ss58, taoText } from '../../src-shared/units.ts';
import type { PortfolioOptions } from '../commands/portfolio.ts';
import { defaultDataDir } from '../data-folder.ts';
import { walletsRoot } from '../host-wallets.ts';
import { OWN_KEYS_FOLDER } from '../join/keys.ts';
import type { Network } from '../network/client.ts';
import { openNetworks } from '../network/networks.ts';
import { endpointChosen } from '../runs/chosen.ts';
import { peekSettings } from '../settings/settings-file.ts';
import { readAccount } from '../wallet/account-watch.ts';
import { PORTFOLIO_READ_LIMIT_MS, SUBNET_NAME_CHARS } from '../wallet/limits.ts';
import { holdingsOf, type Names } from '../wallet/portfolio.ts';
import { alphaText } from '../wallet/quotes/ground.ts';
import { openShelf } from '../wallet/shelf.ts';
import { findWallet } from './money/open-money.ts';
import { wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

const DEFAULT_WALLET = 'default';

/** Reads an account once and prints what it holds. @returns the exit code */
export async function portfolioAtTerminal(said: PortfolioOptions, signal: AbortSignal): Promise<number> {
  const { network: chosen } = said;
  if (!chosen) throw new TypeError('the rules of the command demand it');
  const log = (line: string) => void (wantsLog() && printError(line));
  const dataDir = said.dataDir ?? defaultDataDir();
  const settings = await peekSettings(dataDir);
  const endpoint = chosen.endpoint ?? endpointChosen(settings, chosen.name);
  const shelf = await openShelf({
    root: () => walletsRoot(settings),
    ownKeys: join(dataDir, OWN_KEYS_FOLDER),
    told: (fault) => fault && log(fault.code),
    signal,
  });
  const networks = openNetworks(log);
  try {
    const wanted = said.wallet ?? DEFAULT_WALLET;
    const coldkey = said.coldkey ?? (await findWallet(shelf, wanted, chosen.name)).coldkey;
    if (coldkey === null) throw new AppError('WALLET_WITHOUT_COLDKEY', { name: wanted });
    const address = { name: chosen.name, endpoints: endpoint === null ? [] : [endpoint] };
    const { network } = await networks.open(address, signal);
    const holdings = await read(network, coldkey, ownNames(shelf.wallets), signal);
    if (said.json) print(JSON.stringify({ network: chosen.name, coldkey, ...holdings }, asText, 2));
    else for (const line of portfolioLines(coldkey, holdings)) print(line);
    return 0;
  } finally {
    shelf.stop();
    await networks.stop();
  }
}

async function read(
  network: Network,
  coldkey: Ss58,
  hotkey: Names['hotkey'],
  signal: AbortSignal,
): Promise<Holdings> {
  const at = network.finalized;
  if (!at) throw new AppError('CHAIN_UNREACHABLE', { endpoint: network.endpoint });
  const what = 'what the account holds';
  const reading = await within(
    readAccount(network, coldkey, at, null, signal),
    what,
    PORTFOLIO_READ_LIMIT_MS,
    signal,
  );
  const subnet = (netuid: number) => reading.subnetNames.get(netuid) ?? null;
  return holdingsOf(reading, reading, { subnet, hotkey });
}

type Wallets = readonly {
  readonly hotkeys: readonly { readonly name: string; readonly address: Ss58 | null }[];
}[];

function ownNames(wallets: Wallets): Names['hotkey'] {
  const named = new Map(
    wallets.flatMap(({ hotkeys }) => hotkeys.map(({ name, address }) => [address, name])),
  );
  return (address) => ({ name: named.get(address) ?? null, isOwn: named.has(address) });
}

/** Amounts are larger than a number holds exactly. */
const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/** What a terminal says of it, a line each. */
export function portfolioLines(
  coldkey: Ss58,
  { block, freeRao, reservedRao, stakes, totalRao }: Holdings,
): readonly string[] {
  return [
    `${coldkey} in the state of block ${block}:`,
    `  free      ${taoText(freeRao)}`,
    ...(reservedRao ? [`  set aside ${taoText(reservedRao)}`] : []),
    ...stakes.map(stakeLine),
    totalRao === null
      ? '  if all of it were sold now: not known, the chain has no quote for a part of it'
      : `  if all of it were sold now: ${taoText(totalRao)}`,
  ];
}

function stakeLine({ netuid, subnetName, hotkey, hotkeyName, alpha, exitRao }: StakeView): string {
  const where =
    subnetName === null ? `subnet ${netuid}` : `subnet ${netuid} (${oneLine(subnetName, SUBNET_NAME_CHARS)})`;
  const sold = exitRao === null ? 'no quote' : `sold now: ${taoText(exitRao)}`;
  return `  ${where}, ${hotkeyName ?? hotkey}: ${alphaText(alpha)}, ${sold}`;
}
