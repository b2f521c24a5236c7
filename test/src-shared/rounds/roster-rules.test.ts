import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import type { Ready, Roster } from '../../../src-shared/rounds/messages.ts';
import { composeRoster, type RosterRequest } from '../../../src-shared/rounds/roster.ts';
import { cosignFault, rosterFault } from '../../../src-shared/rounds/roster-rules.ts';
import { hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(100, 1_000);
const witness = ss58('witness');
const { consensus } = practiceProfile({ witness, ownerColdkey: ss58('o'), endpoint: 'x', bootstrap: [] });
const digest = hex('ab'.repeat(32));
const CHUNKS = 1_900;

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
const known = (readies: readonly Ready[], over: Partial<RosterRequest> = {}): RosterRequest => ({
  round: 7,
  baseId: digest,
  schemaHash: digest,
  blockHash: digest,
  proposer: witness,
  chunks: CHUNKS,
  readies,
  witnesses: [witness],
  coldkeys: new Map(readies.map(({ hotkey }): [Ss58, Ss58] => [hotkey, ss58(`cold ${hotkey}`)])),
  failedChecks: new Set(),
  silent: new Set(),
  rates: new Map(),
  ...over,
});
const people = (count: number, over: Partial<Ready> = {}) =>
  Array.from({ length: count }, (_, i) => ready(`m${i}`, over));
const compose = (readies: readonly Ready[], over: Partial<RosterRequest> = {}): Roster =>
  composeRoster(consensus, known(readies, over))!;
/** The roster with one member otherwise. */
const changed = (roster: Roster, hotkey: string, over: Partial<Roster['members'][number]>): Roster => ({
  ...roster,
  members: roster.members.map((one) => (one.hotkey === hotkey ? { ...one, ...over } : one)),
});
const expected = { round: 7, baseId: digest, chunks: CHUNKS };
const fault = (roster: Roster) => rosterFault(consensus, roster, expected);
const answer = (roster: Roster, readies: readonly Ready[], over: Partial<RosterRequest> = {}) =>
  cosignFault(consensus, roster, known(readies, over));

describe('a roster by itself', () => {
  it('gives one that claims any rate no more than twice the equal share', () => {
    const liar = ready('liar', { upBytesPerS: 9e15, downBytesPerS: 9e15 });
    const roster = compose([liar, ...people(7, { upBytesPerS: 1_250_000, downBytesPerS: 1_250_000 })]);
    expect(roster.members.find(({ hotkey }) => hotkey === liar.hotkey)?.chunkCount).toBe(475);
    expect(fault(roster)).toBeNull();
  });

  it('has no part above what a round can lose', () => {
    const roster = compose(people(8));
    const [first, second] = roster.members;
    const wide = { firstChunk: 0, chunkCount: first!.chunkCount + second!.chunkCount + 1 };
    const members = [
      { ...first!, ...wide },
      { ...second!, firstChunk: 0, chunkCount: 0 },
      { ...roster.members[2]!, firstChunk: wide.chunkCount, chunkCount: roster.members[2]!.chunkCount - 1 },
      ...roster.members.slice(3),
    ];
    expect(fault({ ...roster, members })).toContain('part');
  });

  it('gives no part to who has no weight', () => {
    const roster = compose(people(4));
    expect(fault(changed(roster, 'm0', { weight: 0 }))).not.toBeNull();
  });

  it('has no weight that reaches the sum of the others', () => {
    const roster = compose([
      ready('big', { weight: 40 }),
      ready('b', { weight: 20 }),
      ready('c', { weight: 10 }),
    ]);
    const big = roster.members.find(({ hotkey }) => hotkey === 'big');
    expect(big?.weight).toBe(29);
    expect(fault(roster)).toBeNull();
    expect(fault(changed(roster, 'big', { weight: 30 }))).toContain('sum of the others');
  });

  it('says the median norm of those it counts, and clips by it', () => {
    const roster = compose([...people(3), ready('d', { norm: 5 })]);
    expect(fault(roster)).toBeNull();
    expect(fault({ ...roster, medianNorm: 2 })).toContain('median');
    expect(fault(changed(roster, 'd', { clipExponent: 0 }))).toContain('clip');
  });
});

describe('a witness and another one’s roster', () => {
  const five = people(5);
  const roster = compose(five);

  it('signs one that it would not have proposed', () => {
    const theirs = compose(five.slice(1), { proposer: ss58('other') });
    const heard = [...five.slice(1), ready('m0', { weight: 8 })];
    expect(theirs).not.toEqual(compose(heard));
    expect(answer(theirs, heard)).toBeNull();
  });

  it('signs none that leaves out more than a tenth of the weight it knows ready', () => {
    expect(answer(compose(five.slice(1)), five)).toContain('leaves out');
    const many = people(20);
    expect(answer(compose(many.slice(2)), many)).toBeNull();
    expect(answer(compose(many.slice(3)), many)).toContain('leaves out');
  });

  it('signs none that lowers those it does not like', () => {
    const lowered = roster.members
      .slice(0, 2)
      .reduce((to, { hotkey }) => changed(to, hotkey, { weight: 1 }), roster);
    expect(fault(lowered)).toBeNull();
    expect(answer(lowered, five)).toContain('leaves out');
  });

  it.each<[string, Partial<Ready>]>([
    ['another root', { root: hex('cd'.repeat(32)) }],
    ['another norm', { norm: 1.5 }],
    ['another work record', { workDigest: hex('cd'.repeat(32)) }],
    ['less weight', { weight: 19 }],
    ['another base', { baseId: hex('cd'.repeat(32)) }],
    ['another round', { round: 6 }],
  ])('signs none that lists what a member did not say: %s', (_what, over) => {
    expect(answer(roster, [ready('m0', over), ...five.slice(1)])).toContain('did not say');
  });

  it('signs none with a member of whom it has heard nothing', () => {
    expect(answer(roster, five.slice(1), { coldkeys: known(five).coldkeys })).toContain('did not say');
  });

  it('is stopped by nobody who says something else to everybody', () => {
    const twice = [ready('m0', { root: hex('11'.repeat(32)) }), ready('m0', { root: hex('22'.repeat(32)) })];
    expect(answer(roster, [...twice, ...five.slice(1)])).toBeNull();
  });

  it('signs any one of the things that a member said', () => {
    const other = ready('m0', { root: hex('11'.repeat(32)) });
    expect(answer(compose([other, ...five.slice(1)]), [...five, other])).toBeNull();
    expect(answer(roster, [...five, other])).toBeNull();
  });

  it('signs none that gives more than 1 to who was listed and silent', () => {
    const silent = new Set([ss58('m0')]);
    expect(answer(roster, five, { silent })).toContain('weight');
    const lowered = compose(five, { silent });
    expect(lowered.members.find(({ hotkey }) => hotkey === 'm0')?.weight).toBe(1);
    expect(answer(lowered, five, { silent })).toBeNull();
  });

  it('signs none without the owners that the profile asks for', () => {
    const strict = { ...consensus, group: { ...consensus.group, minColdkeys: 2 } };
    const coldkeys = new Map(five.map(({ hotkey }): [Ss58, Ss58] => [hotkey, ss58('same')]));
    expect(cosignFault(strict, roster, known(five, { coldkeys }))).toContain('owners');
  });

  it('signs whatever another one composes of the same words', () => {
    const someone = fc.record({
      weight: fc.integer({ min: 0, max: 127 }),
      norm: fc.float({ min: 0, max: 100, noNaN: true }),
      upBytesPerS: fc.nat(1e8),
      downBytesPerS: fc.nat(1e8),
    });
    const silence = fc.array(fc.nat(79), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(someone, { minLength: 3, maxLength: 80 }), silence, (said, quiet) => {
        const readies = said.map((one, i) => ready(`m${i}`, one));
        const silent = new Set(quiet.map((i) => ss58(`m${i}`)));
        const theirs = composeRoster(consensus, known(readies, { silent, proposer: ss58('other') }));
        if (theirs) expect(answer(theirs, readies, { silent })).toBeNull();
      }),
      { numRuns },
    );
  });
});
