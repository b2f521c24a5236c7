import { expect, it } from 'vitest';
import { lookAlikeOf } from '../../src-shared/look-alike.ts';
import { ss58 } from '../../src-shared/units.ts';

const known = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const other = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

it('is an address with the ends of a known one and another middle', () => {
  const forged = ss58(`${known.slice(0, 4)}${other.slice(4, -4)}${known.slice(-4)}`);
  expect(lookAlikeOf(forged, [other, known])).toBe(known);
});

it('is neither the known address itself nor one of which an end differs', () => {
  const near = ss58(`${known.slice(0, 4)}${other.slice(4, -3)}${known.slice(-3)}`);
  for (const one of [known, other, near]) expect(lookAlikeOf(one, [known])).toBeNull();
});
