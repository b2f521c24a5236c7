import { canonicalJson } from './profile.ts';
import { type ProfilePart, profileParts } from './profile-parts.ts';
import type { Consensus } from './schema.ts';

type Said = Exclude<keyof Consensus, 'format' | 'name' | 'predecessor'>;

const partOf: Readonly<Record<Said, ProfilePart>> = {
  chain: 'subnet',
  model: 'model',
  initialWeights: 'weights',
  tokenizer: 'text',
  dataset: 'text',
  inner: 'learning',
  outer: 'learning',
  clock: 'rounds',
  group: 'rounds',
  codec: 'exchange',
  reduce: 'exchange',
  witnesses: 'witnesses',
  sketches: 'scores',
  scoreModel: 'scores',
};

/** What a run does otherwise than the one that it follows, beside its name. */
export function changedParts(before: Consensus, after: Consensus): readonly ProfilePart[] {
  const changed = new Set(
    (Object.keys(partOf) as Said[])
      .filter((said) => canonicalJson(before[said] ?? null) !== canonicalJson(after[said] ?? null))
      .map((said) => partOf[said]),
  );
  return profileParts.filter((part) => changed.has(part));
}
