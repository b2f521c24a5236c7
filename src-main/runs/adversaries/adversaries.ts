import {
  type Adversary,
  type HostAdversary,
  hostAdversarySchema,
  partOf,
} from '../../../src-shared/contract/adversary.ts';
import type { Chain } from '../../network/chain.ts';
import type { RecordWriter } from '../../rounds/commands.ts';
import { colluding } from './colluding-validator.ts';
import { writingFalsely } from './false-witness.ts';

/** What a host does on chain. */
export interface HostParts {
  /** What its weights go through. */
  judging<C extends Chain>(chain: C): C;
  /** What its records go through. */
  writing(writer: RecordWriter): RecordWriter;
}

const honest: HostParts = { judging: (chain) => chain, writing: (writer) => writer };

const compositions: Readonly<Record<HostAdversary, HostParts>> = {
  'colluding-validator': { ...honest, judging: colluding },
  'false-witness': { ...honest, writing: writingFalsely },
};

export function hostParts(adversary: Adversary | null): HostParts {
  const dishonest = partOf(hostAdversarySchema, adversary);
  return dishonest === null ? honest : compositions[dishonest];
}
