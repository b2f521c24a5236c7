import { describe, expect, it } from 'vitest';
import { unpinnedParts } from '../../../src-shared/profile/pinned.ts';
import { parseProfile, profileHash } from '../../../src-shared/profile/profile.ts';
import { liveProfile, practiceProfile, shippedProfileNames } from '../../../src-shared/profile/shipped.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const somebody = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const genesis = hex('ab'.repeat(32));
const at = { witness: somebody, ownerColdkey: somebody, endpoint: 'ws://127.0.0.1:9944', bootstrap: [] };
const { consensus: whole } = practiceProfile({ ...at, genesis });

describe('what of a profile is not pinned', () => {
  it('is nothing where each part names one thing', () => {
    expect(unpinnedParts(whole)).toEqual([]);
  });

  it.each(shippedProfileNames)('is all that %s leaves to its author', (name) => {
    const parts = unpinnedParts(liveProfile(name).consensus);
    expect(parts).toContain('dataset.revision');
    expect(parts).toContain('dataset.manifest');
    expect(parts.slice(-3)).toEqual([
      'initialWeights.digest',
      'chain.identity.ownerColdkey',
      'chain.genesis',
    ]);
  });

  it('is a manifest that nobody has read', () => {
    expect(
      unpinnedParts({ ...whole, dataset: { kind: 'embedded', manifest: null, pageSequences: 64 } }),
    ).toEqual(['dataset.manifest']);
  });

  it('is the chain of a profile of before', () => {
    expect(unpinnedParts(practiceProfile(at).consensus)).toEqual(['chain.genesis']);
  });
});

describe('the chain in a profile', () => {
  it('changes nothing of a profile that names none: its runs go on', () => {
    const { consensus } = practiceProfile(at);
    const read = parseProfile(JSON.parse(JSON.stringify({ ...practiceProfile(at) })));
    expect(Object.keys(read.consensus.chain)).not.toContain('genesis');
    expect(profileHash(read.consensus)).toBe(profileHash(consensus));
  });

  it('makes another run of the same words on another chain', () => {
    const { consensus } = practiceProfile({ ...at, genesis: hex('cd'.repeat(32)) });
    expect(profileHash(consensus)).not.toBe(profileHash(whole));
  });
});
