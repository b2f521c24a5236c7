import { readFile, writeFile } from 'node:fs/promises';
import { parseProfile } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';

const SHAPE = { layers: 2, width: 64, heads: 2, context: 32, vocab: 50_304 };

/**
 * GPT-2's run in little: its tokenizer, its text of the Hub and its codec, with few layers and the rounds of the chain
 * whose profile is given. Two members are a group.
 * @param datasetId of a data set with shards below `sample`
 */
export function smallGpt2({ consensus, local }: Profile, datasetId: string): Profile {
  const base = liveProfile('gpt2-124m').consensus;
  const text = { kind: 'hub', id: datasetId, revision: 'main', path: 'sample', column: 'text' } as const;
  const { clock, inner, reduce, witnesses } = consensus;
  return {
    consensus: {
      ...base,
      ...{ name: 'gpt2-small', clock, inner, reduce, witnesses },
      model: SHAPE,
      dataset: { ...text, manifest: null },
      group: { ...consensus.group, minMembers: 2 },
    },
    local,
  };
}

export const readProfile = async (path: string): Promise<Profile> =>
  parseProfile(JSON.parse(await readFile(path, 'utf8')));

export const writeProfile = (path: string, profile: Profile): Promise<void> =>
  writeFile(path, JSON.stringify(profile));
