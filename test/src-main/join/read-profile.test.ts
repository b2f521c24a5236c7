import { describe, expect, it } from 'vitest';
import { profileOf, summaryOf } from '../../../src-main/join/read-profile.ts';
import { practiceProfile, shippedProfileNames } from '../../../src-shared/profile/shipped.ts';
import { ss58 } from '../../../src-shared/units.ts';

const shipped = (name: string) => profileOf({ kind: 'shipped', name });
const somebody = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

describe('a profile that is asked for by name', () => {
  it.each(shippedProfileNames)('%s can be had, and its summary says why it does not run yet', (name) => {
    expect(summaryOf(shipped(name)).problem).toEqual({ code: 'PROFILE_NOT_RUNNABLE', params: { name } });
  });

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
  const at = { witness: somebody, ownerColdkey: somebody, endpoint: 'ws://127.0.0.1:9944', bootstrap: [] };
  const text = JSON.stringify(practiceProfile(at));
  expect(summaryOf(profileOf({ kind: 'file', text })).problem).toBeNull();
});
