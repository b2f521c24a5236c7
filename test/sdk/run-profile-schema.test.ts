import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { liveProfile, practiceProfile, shippedProfileNames } from '../../src-shared/profile/shipped.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { runProfileSchemaText, SCHEMA_FILE } from '../../tools/build/run-profile-schema.ts';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;
const text = readFileSync(SCHEMA_FILE, 'utf8');
/** A validator of somebody else's, which knows nothing of how we read profiles. */
const fits = new Ajv({ strict: false }).compile(JSON.parse(text));
const practice = practiceProfile({
  witness: ALICE,
  ownerColdkey: ALICE,
  endpoint: 'ws://127.0.0.1:9944',
  bootstrap: ['/ip4/127.0.0.1/tcp/4001'],
});

describe('the published schema of run profiles', () => {
  it('is made from the one that reads them: node tools/build/run-profile-schema.ts', () => {
    expect(text).toBe(runProfileSchemaText());
  });

  it.each(shippedProfileNames)('takes the shipped profile %s', (name) => {
    expect(fits(JSON.parse(JSON.stringify(liveProfile(name)))), JSON.stringify(fits.errors)).toBe(true);
  });

  it('takes the profile of a practice', () => {
    expect(fits(JSON.parse(JSON.stringify(practice))), JSON.stringify(fits.errors)).toBe(true);
  });

  it.each([
    ['a missing part', { consensus: practice.consensus }],
    ['a model without layers', withConsensus({ model: { ...practice.consensus.model, layers: 0 } })],
    ['an unknown tokenizer', withConsensus({ tokenizer: 'llama' })],
    ['words for a number', withConsensus({ clock: { ...practice.consensus.clock, ready: 'soon' } })],
    ['another format', withConsensus({ format: 2 })],
    ['no endpoint', { ...practice, local: { ...practice.local, endpoints: [] } }],
  ])('refuses %s', (_title, profile) => {
    expect(fits(profile)).toBe(false);
  });
});

function withConsensus(part: object) {
  return { ...practice, consensus: { ...practice.consensus, ...part } };
}
