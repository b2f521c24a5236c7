import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Look, WalletPlace } from '../vault/wallets/read-places.ts';
import { OWN_NETWORKS_MAX } from './limits.ts';
import { type ShelvedWallet, shelved } from './wallet-summary.ts';

/** A wallet's folder of which somebody else knows: a run works with its keys. */
export interface LentWallet {
  readonly folder: string;
  /** Of the run. Keys of Butterfly's own are for this network alone, and take its name. */
  readonly network: string;
}

/** A place where the shelf looks, and what is made of what lies there. */
export interface ShelfPlace extends WalletPlace {
  /** null: its wallets are the user's own, for whatever network. */
  readonly network: string | null;
  /** A wallet of the field's tools keeps its name and its networks wherever a run found it. */
  readonly isLent: boolean;
}

/** The user's folder first, so that what lies in it is shown as the user's. */
export async function shelfPlaces(
  root: string,
  ownKeys: string,
  lent: Iterable<LentWallet>,
): Promise<readonly ShelfPlace[]> {
  const entries = await readdir(ownKeys, { withFileTypes: true }).catch(() => []);
  const networks = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  return [
    { kind: 'wallets', folder: root, network: null, isLent: false },
    ...networks.slice(0, OWN_NETWORKS_MAX).flatMap((network): ShelfPlace[] => {
      const folder = join(ownKeys, network);
      return [
        { kind: 'wallet', folder, network, isLent: false },
        { kind: 'wallets', folder, network, isLent: false },
      ];
    }),
    ...[...lent].map(
      ({ folder, network }): ShelfPlace => ({ kind: 'wallet', folder, network, isLent: true }),
    ),
  ];
}

/** Each folder once, as what it was found first. */
export function onShelf(places: readonly ShelfPlace[], looks: readonly Look[]): readonly ShelvedWallet[] {
  const byFolder = new Map<string, ShelvedWallet>();
  places.forEach((place, at) => {
    for (const wallet of looks[at]?.wallets ?? []) {
      const folder = resolve(wallet.path);
      if (!byFolder.has(folder)) byFolder.set(folder, shelved(wallet, place));
    }
  });
  return [...byFolder.values()];
}
