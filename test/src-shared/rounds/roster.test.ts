import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { partsCover } from '../../../src-shared/reduce/parts.ts';
import type { Ready } from '../../../src-shared/rounds/messages.ts';
import { seededOrder, turnsCome } from '../../../src-shared/rounds/proposer.ts';
import { composeRoster, type RosterRequest, weightForSequences } from '../../../src-shared/rounds/roster.ts';
import { rosterFault } from '../../../src-shared/rounds/roster-rules.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(100, 1_000);
const witness = ss58('witness');
const { consensus } = practiceProfile({ witness, ownerColdkey: ss58('o'), endpoint: 'x', bootstrap: [] });
const digest = hex('ab'.repeat(32));
const ready = (hotkey: string, over: Partial<Ready> = {}): Ready => ({
  round: 7,
  hotkey: ss58(hotkey),
  baseId: digest,
  schemaHash: digest,
  codec: 'fp16',
  upBytesPerS: 0,
  downBytesPerS: 0,
  weight: 20,
  norm: 1,
  root: digest,
  workDigest: digest,
  sequences: 20,
  ...over,
});
const request = (readies: readonly Ready[], over: Partial<RosterRequest> = {}): RosterRequest => ({
  round: 7,
  baseId: digest,
  schemaHash: digest,
  blockHash: digest,
  proposer: witness,
  chunks: 20,
  readies,
  witnesses: [witness],
  coldkeys: new Map(readies.map(({ hotkey }): [Ss58, Ss58] => [hotkey, ss58(`cold ${hotkey}`)])),
  failedChecks: new Set(),
  silent: new Set(),
  rates: new Map(),
  ...over,
});
const three = [ready('a'), ready('b'), ready('c')];
const member = (readies: readonly Ready[], hotkey: string, over: Partial<RosterRequest> = {}) =>
  composeRoster(consensus, request(readies, over))?.members.find((one) => one.hotkey === hotkey);

describe('roster', () => {
  it('needs the least number of working members, and validators do not count', () => {
    expect(composeRoster(consensus, request(three))?.members).toHaveLength(3);
    expect(composeRoster(consensus, request(three.slice(0, 2)))).toBeNull();
    expect(composeRoster(consensus, request([...three.slice(0, 2), ready('v', { weight: 0 })]))).toBeNull();
  });

  it('needs distinct coldkeys where the profile does', () => {
    const strict = { ...consensus, group: { ...consensus.group, minColdkeys: 2 } };
    const one = new Map(three.map(({ hotkey }): [Ss58, Ss58] => [hotkey, ss58('same')]));
    expect(composeRoster(strict, request(three, { coldkeys: one }))).toBeNull();
    expect(composeRoster(strict, request(three))).not.toBeNull();
  });

  it('leaves out who stands elsewhere, speaks of another model or round, or is not registered', () => {
    const other = hex('cd'.repeat(32));
    const strangers = [
      ready('base', { baseId: other }),
      ready('schema', { schemaHash: other }),
      ready('round', { round: 6 }),
      ready('codec', { codec: 'f32' }),
    ];
    const asked = request([...three, ...strangers, ready('nobody')]);
    const coldkeys = new Map([...asked.coldkeys].filter(([hotkey]) => hotkey !== 'nobody'));
    const roster = composeRoster(consensus, { ...asked, coldkeys });
    expect(roster?.members.map(({ hotkey }) => hotkey).sort()).toEqual(['a', 'b', 'c']);
  });

  it('caps a weight at twice the median', () => {
    expect(member([...three, ready('d', { weight: 127 })], 'd')?.weight).toBe(40);
  });

  it('gives weight 0 and no part to who failed a check, and none to validators', () => {
    const readies = [...three, ready('d'), ready('witness', { weight: 0, norm: 0 })];
    const over = { failedChecks: new Set([ss58('d')]) };
    expect(member(readies, 'd', over)).toMatchObject({ weight: 0, chunkCount: 0 });
    expect(member(readies, 'witness', over)).toMatchObject({ weight: 0, chunkCount: 0 });
  });

  it('clips a large norm by powers of two and gives weight 0 beyond the last of them', () => {
    expect(member([...three, ready('d', { norm: 5 })], 'd')).toMatchObject({ clipExponent: 2, weight: 20 });
    expect(member([...three, ready('d', { norm: 1e6 })], 'd')).toMatchObject({ weight: 0 });
  });

  it('holds at most the profile’s members, the witness among them', () => {
    const many = Array.from({ length: 90 }, (_, i) => ready(`m${i}`));
    const roster = composeRoster(consensus, request([...many, ready('witness', { weight: 0, norm: 0 })]));
    expect(roster?.members).toHaveLength(64);
    expect(roster?.members.some(({ hotkey }) => hotkey === witness)).toBe(true);
  });

  it('draws others under another block', () => {
    const many = Array.from({ length: 90 }, (_, i) => ready(`m${i}`));
    const drawn = (blockHash: string) =>
      composeRoster(consensus, request(many, { blockHash: hex(blockHash.repeat(32)) }))!
        .members.map(({ hotkey }) => hotkey)
        .sort();
    expect(drawn('01')).toEqual(drawn('01'));
    expect(drawn('01')).not.toEqual(drawn('02'));
  });

  it('hangs on who is ready and on nothing else: not on the order, not on repetitions', () => {
    const someone = fc.record({
      weight: fc.integer({ min: 0, max: 127 }),
      norm: fc.float({ min: 0, max: 100, noNaN: true }),
      upBytesPerS: fc.nat(1e8),
      downBytesPerS: fc.nat(1e8),
    });
    fc.assert(
      fc.property(fc.array(someone, { minLength: 3, maxLength: 80 }), fc.integer(), (people, seed) => {
        const readies = people.map((one, i) => ready(`m${i}`, one));
        const shuffled = [...readies, ...readies.slice(0, 5)].sort(
          (a, b) => Math.sin(seed + a.hotkey.length * 7 + a.weight) - Math.sin(seed + b.norm),
        );
        const first = composeRoster(consensus, request(readies));
        const second = composeRoster(consensus, request(shuffled));
        expect(second).toEqual(first);
        if (!first || !second) return;
        expect(rosterDigest(second)).toBe(rosterDigest(first));
        expect(partsCover(20, first.members)).toBe(true);
        expect(first.members.length).toBeLessThanOrEqual(64);
        for (const { weight, clipExponent } of first.members) {
          expect(weight).toBeLessThanOrEqual(127);
          expect(clipExponent).toBeLessThanOrEqual(6);
        }
      }),
      { numRuns },
    );
  });

  it('is refused by a member when its parts have a gap, a member stands twice or too few are in it', () => {
    const roster = composeRoster(consensus, request(three))!;
    const expected = { round: 7, baseId: digest, chunks: 20 };
    const strict = { ...consensus, group: { ...consensus.group, minMembers: 4 } };
    expect(rosterFault(consensus, roster, expected)).toBeNull();
    expect(rosterFault(consensus, roster, { ...expected, chunks: 21 })).toContain('parts');
    expect(rosterFault(consensus, roster, { ...expected, round: 8 })).toContain('round');
    expect(rosterFault(strict, roster, expected)).toContain('few');
    const twice = { ...roster, members: [...roster.members, roster.members[0]!] };
    expect(rosterFault(consensus, twice, expected)).toContain('twice');
  });
});

describe('weight of a contribution', () => {
  it('grows with its sequences and stays within 1 and 127', () => {
    expect(weightForSequences(0, consensus)).toBe(1);
    expect(weightForSequences(64, consensus)).toBe(64);
    expect(weightForSequences(1e9, consensus)).toBe(127);
  });
});

describe('order of proposers', () => {
  const all = ['a', 'b', 'c'].map(ss58);

  it('is the same for everybody and another under another block', () => {
    const orders = Array.from({ length: 20 }, (_, i) =>
      seededOrder(all, hex(i.toString(16).padStart(2, '0')), 'propose').join(''),
    );
    expect(seededOrder([...all].reverse(), hex('00'), 'propose').join('')).toBe(orders[0]);
    expect(new Set(orders).size).toBeGreaterThan(2);
  });

  it('falls to the next one after each span of silent blocks', () => {
    const turns = [12, 13, 14, 15, 17].map((offset) => turnsCome({ roster: 13 }, 2, offset));
    expect(turns).toEqual([0, 1, 1, 2, 3]);
  });
});
