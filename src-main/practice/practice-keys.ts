import { join } from 'node:path';
import type { GenesisKeys, Keypair } from '../devnet/genesis.ts';
import { makeKeys } from '../join/keys.ts';

/** Who takes part in a practice, and where each keeps its data below the practice folder. */
export interface Player {
  readonly name: string;
  readonly folder: string;
  readonly role: 'miner' | 'validator';
  readonly adversary: 'free-rider' | null;
}

export const OWN_MINER = 'miner';
const OWNER = 'owner';
const COMPANIONS = ['companion-1', 'companion-2', 'companion-3'];
const VALIDATOR = 'validator';

/** The user's miner first, then three companions and the validator; one companion may be dishonest. */
export function players(folder: string, adversary: Player['adversary']): readonly Player[] {
  const at = (name: string, role: Player['role'], dishonest: Player['adversary'] = null): Player => ({
    name,
    folder: join(folder, name),
    role,
    adversary: dishonest,
  });
  return [
    at(OWN_MINER, 'miner'),
    ...COMPANIONS.map((name, index) => at(name, 'miner', index === COMPANIONS.length - 1 ? adversary : null)),
    at(VALIDATOR, 'validator'),
  ];
}

export const ownerFolder = (folder: string): string => join(folder, OWNER);

/** Where a player's keys lie below its folder. */
export const keysDirOf = (folder: string): string => join(folder, 'vault');

async function keypairIn(folder: string): Promise<Keypair> {
  const { hotkey, coldkey } = await makeKeys(keysDirOf(folder));
  return { hotkey, coldkey };
}

/** Makes (or finds) everybody's keys in their own folders: the genesis of the practice chain names them. */
export async function practiceKeys(folder: string, everybody: readonly Player[]): Promise<GenesisKeys> {
  const owner = await keypairIn(ownerFolder(folder));
  const miners: Keypair[] = [];
  let validator: Keypair | undefined;
  for (const player of everybody) {
    const keys = await keypairIn(player.folder);
    if (player.role === 'validator') validator = keys;
    else miners.push(keys);
  }
  if (!validator) throw new TypeError('a practice has a validator');
  return { owner, validator, miners };
}
