import type {
  AccountId,
  AccountView,
  MoneyNetwork,
  WalletSummary,
} from '../../src-shared/contract/page/money.ts';

/** A wallet on a network: what one can look at. */
export interface AccountChoice {
  readonly id: AccountId;
  readonly wallet: WalletSummary;
  readonly network: MoneyNetwork;
}

/** Every account there is: each wallet with a coldkey, on the network it was made for or on all. */
export const accountChoices = (
  wallets: readonly WalletSummary[],
  networks: readonly MoneyNetwork[],
): readonly AccountChoice[] =>
  wallets.flatMap((wallet) =>
    wallet.coldkey === null
      ? []
      : networks
          .filter(({ name }) => wallet.network === null || wallet.network === name)
          .map((network) => ({
            id: { network: network.name, coldkey: wallet.coldkey as AccountId['coldkey'] },
            wallet,
            network,
          })),
  );

export const accountKey = ({ network, coldkey }: AccountId): string => `${network}/${coldkey}`;

/**
 * The account that may be looked at without asking: of a wallet that belongs to one network, and that is no real one.
 * To look at an address on a real network tells its node about it, so that is a person's choice.
 */
export const ownAccount = (choices: readonly AccountChoice[]): AccountChoice | null =>
  choices.find(({ wallet, network }) => wallet.network !== null && !network.isReal) ?? null;

/** The wallet behind an account; null where its address alone is known. */
export const walletOf = (wallets: readonly WalletSummary[], { id }: AccountView): WalletSummary | null =>
  wallets.find(
    ({ coldkey, network }) => coldkey === id.coldkey && (network === null || network === id.network),
  ) ?? null;

/** Whether its address may be handed out for deposits: its words are known to be on paper, or it lies open anyway. */
export const mayReceive = ({ opens, backedUpAtMs }: WalletSummary): boolean =>
  backedUpAtMs !== null || opens !== 'password';

/** A name for a new wallet that none has yet: "main", then "main-2". */
export function freeWalletName(wallets: readonly WalletSummary[]): string {
  const taken = new Set(wallets.map(({ name }) => name));
  if (!taken.has('main')) return 'main';
  let n = 2;
  while (taken.has(`main-${n}`)) n++;
  return `main-${n}`;
}
