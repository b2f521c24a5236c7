import { join } from 'node:path';
import { type Adversary, hostAdversarySchema, partOf } from '../../src-shared/contract/adversary.ts';
import type { GenesisKeys, Keypair } from '../devnet/genesis.ts';
import { makeKeys } from '../join/keys.ts';

/** Who takes part in a practice, and where each keeps its data below the practice folder. */
export interface Player {
  readonly name: string;
  readonly folder: string;
  readonly role: 'miner' | 'validator';
  readonly adversary: Adversary | null;
}

export const OWN_MINER = 'miner';
const OWNER = 'owner';
const COMPANIONS = ['companion-1', 'companion-2', 'companion-3'];
const VALIDATOR = 'validator';
/** Where one validator is dishonest it is one of three. */
const OTHER_VALIDATORS = ['validator-2', 'validator-3'];

/**
 * The user's miner first, then three companions and the validator; the last companion may be dishonest, of a pair the
 * last two. A dishonest validator stands behind two honest ones.
 */
export function players(folder: string, adversary: Player['adversary']): readonly Player[] {
  const at = (name: string, role: Player['role'], dishonest: Player['adversary'] = null): Player => ({
    name,
    folder: join(folder, name),
    role,
    adversary: dishonest,
  });
  const isValidator = partOf(hostAdversarySchema, adversary) !== null;
  const cheats = adversary === null || isValidator ? 0 : adversary === 'sybil-pair' ? 2 : 1;
  const firstCheat = COMPANIONS.length - cheats;
  const others = isValidator ? OTHER_VALIDATORS : [];
  return [
    at(OWN_MINER, 'miner'),
    ...COMPANIONS.map((name, index) => at(name, 'miner', index >= firstCheat ? adversary : null)),
    at(VALIDATOR, 'validator'),
    ...others.map((name, index) => at(name, 'validator', index === others.length - 1 ? adversary : null)),
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
  const validators: Keypair[] = [];
  for (const player of everybody) {
    const keys = await keypairIn(player.folder);
    if (player.role === 'validator') validators.push(keys);
    else miners.push(keys);
  }
  const [validator, ...otherValidators] = validators;
  if (!validator) throw new TypeError('a practice has a validator');
  return { owner, validator, miners, ...(otherValidators.length > 0 && { otherValidators }) };
}
