import { describe, expect, it } from 'vitest';
import { profileOf, summaryOf } from '../../../src-main/join/read-profile.ts';
import { unpinnedParts } from '../../../src-shared/profile/pinned.ts';
import { practiceProfile, shippedProfileNames } from '../../../src-shared/profile/shipped.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const shipped = (name: string) => profileOf({ kind: 'shipped', name });
const somebody = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

describe('a profile that is asked for by name', () => {
  it.each(shippedProfileNames)(
    '%s can be had, and its summary says what its author has yet to pin',
    (name) => {
      const parts = unpinnedParts(shipped(name).consensus).join(', ');
      expect(summaryOf(shipped(name)).problem).toEqual({ code: 'PROFILE_UNPINNED', params: { name, parts } });
    },
  );

  it('as the practice’s is told apart: it belongs to one chain', () => {
    expect(() => shipped('practice')).toThrow(expect.objectContaining({ code: 'PROFILE_IS_PRACTICE' }));
  });

  it('and is unknown is offered only what can be had by name', () => {
    const known = shippedProfileNames.join(', ');
    const refused = expect.objectContaining({ code: 'PROFILE_UNKNOWN', params: { name: 'x', known } });
    expect(() => shipped('x')).toThrow(refused);
  });
});

it('runs a profile on the embedded text', () => {
  const genesis = hex('ab'.repeat(32));
  const at = {
    witness: somebody,
    ownerColdkey: somebody,
    genesis,
    endpoint: 'ws://127.0.0.1:9944',
    bootstrap: [],
  };
  const text = JSON.stringify(practiceProfile(at));
  expect(summaryOf(profileOf({ kind: 'file', text })).problem).toBeNull();
});
