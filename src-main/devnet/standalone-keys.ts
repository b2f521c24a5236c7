import { join } from 'node:path';
import { sha256 } from '../../src-node/sha256.ts';
import { COLDKEY, HOTKEY } from '../vault/key-names.ts';
import { openVault } from '../vault/vault.ts';
import type { GenesisKeys, Keypair } from './genesis.ts';

export const MINERS = 6;
const ENTROPY_BYTES = 16;

export const ownerVault = (folder: string): string => join(folder, 'owner');
export const validatorVault = (folder: string): string => join(folder, 'validator');
export const minerVault = (folder: string, n: number): string => join(folder, `miner-${n}`);

/**
 * The keys of everybody, each pair in a folder that is a vault. They are made from the seed, so that one seed is one
 * chain with the same addresses wherever it is started: good for tests, worthless for anything of value.
 */
export async function standaloneKeys(folder: string, seed: string): Promise<GenesisKeys> {
  const pair = (dir: string, name: string) => keypairIn(dir, `${seed}/${name}`);
  const miners: Keypair[] = [];
  for (let n = 1; n <= MINERS; n++) miners.push(await pair(minerVault(folder, n), `miner-${n}`));
  return {
    owner: await pair(ownerVault(folder), 'owner'),
    validator: await pair(validatorVault(folder), 'validator'),
    miners,
  };
}

async function keypairIn(dir: string, seed: string): Promise<Keypair> {
  const vault = openVault({ dir });
  const entropy = (kind: string) => sha256(`butterfly/devnet/${seed}/${kind}`).subarray(0, ENTROPY_BYTES);
  return {
    hotkey: await vault.ensureHotkey(HOTKEY, entropy('hotkey')),
    coldkey: await vault.ensurePracticeColdkey(COLDKEY, entropy('coldkey')),
  };
}
