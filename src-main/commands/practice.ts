import { type Adversary, adversaries } from '../../src-shared/contract/adversary.ts';
import { command, type SaidOf, type ValueOption } from './option.ts';
import { dataDir, pageOptions, profile } from './shared-options.ts';
import { oneOf, path, wholeNumber } from './values.ts';

const MOST_ROUNDS = 1_000_000;

type AdversaryChoice = Adversary | 'none';

/** A local chain, companions and a validator, at once; with `--rounds` it measures itself and leaves. */
export const practice = command({
  name: 'practice',
  summary: 'Start practice at once: a local chain, companions and a validator.',
  options: {
    ...pageOptions,
    dataDir,
    profile,
    rounds: {
      name: '--rounds',
      help: 'With --headless: leave after N rounds, with exit code 0 if all went as promised.',
      value: wholeNumber('N', 1, MOST_ROUNDS),
    } as ValueOption<number>,
    json: {
      name: '--json',
      help: 'With --rounds: write the report there.',
      value: path('FILE'),
    } as ValueOption<string>,
    adversary: {
      name: '--adversary',
      help: `Make one companion dishonest, or none (with --rounds a free-rider, if nothing is said): ${adversaries.join(', ')}.`,
      value: oneOf<AdversaryChoice>('NAME', [...adversaries, 'none']),
    } as ValueOption<AdversaryChoice>,
  },
  rules: [
    { kind: 'excludes', key: 'port', other: 'headless' },
    { kind: 'needs', key: 'rounds', other: 'headless' },
    { kind: 'needs', key: 'json', other: 'rounds' },
  ],
});

export type PracticeOptions = SaidOf<typeof practice>;

/** The dishonest companion that was asked for; a practice of counted rounds tests itself against one. */
export function adversaryOf({ adversary, rounds }: PracticeOptions): Adversary | null {
  if (adversary) return adversary === 'none' ? null : adversary;
  return rounds === null ? null : 'free-rider';
}
