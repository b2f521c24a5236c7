import { basename, join } from 'node:path';
import type { ColdkeyOpens, WalletSummary } from '../../src-shared/contract/page/money.ts';
import { OWN_COLDKEY_FILE } from '../vault/wallets/layout.ts';
import type { FoundKey, FoundWallet } from '../vault/wallets/read-wallets.ts';

/** A wallet as the page is told of it, with what is the vault's business alone. */
export interface ShelvedWallet extends WalletSummary {
  /** Of the file that its coldkey lies in. */
  readonly coldkeyPath: string;
}

/** How a coldkey signs here. One whose file is damaged is as good as on another computer; its fault is told. */
const opens: Readonly<Record<FoundKey['kind'], ColdkeyOpens>> = {
  locked: 'password',
  open: 'plain',
  absent: 'elsewhere',
  broken: 'elsewhere',
};

/**
 * @param at.network whose keys lie there; null: a user's, for any
 * @param at.isLent a run works with it. Then the network is the run's, and only keys that Butterfly made are bound to it
 */
export function shelved(
  wallet: FoundWallet,
  at: { readonly network: string | null; readonly isLent: boolean },
): ShelvedWallet {
  const { path, coldkey, hotkeys, backedUpAtMs } = wallet;
  const isOwn = coldkey.path === join(path, OWN_COLDKEY_FILE);
  const network = at.isLent && !isOwn ? null : at.network;
  return {
    name: isOwn && network !== null ? network : wallet.name,
    folder: path,
    coldkey: coldkey.address,
    opens: opens[coldkey.kind],
    backedUpAtMs,
    // Keys of our own are files with an ending; those of the field's tools have none.
    hotkeys: hotkeys.map(({ name, address, fault }) => ({ name: basename(name, '.json'), address, fault })),
    fault: coldkey.fault,
    network,
    coldkeyPath: coldkey.path,
  };
}

export const toSummary = ({ coldkeyPath: _, ...summary }: ShelvedWallet): WalletSummary => summary;
