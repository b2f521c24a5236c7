import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { ResultsVote, Roster } from '../../../src-shared/rounds/messages.ts';
import { seededOrder } from '../../../src-shared/rounds/proposer.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { FakeSwarm } from '../../fakes/fake-swarm.ts';
import { runs } from '../../runs.ts';
import { bases, type Group, type GroupOptions, kept, outcomes, seen, startGroup } from './group.ts';
import { addressOf, consensus, digestOf, miners, START, witness } from './machine-bench.ts';

const groups: Group[] = [];
afterEach(async () => {
  for (const group of groups.splice(0)) await group.stop();
});

const names = [witness, ...['wanda', 'xaver', 'yvonne', 'zoe'].map(addressOf)];
/** Offset at which the first witness may propose with whoever is ready. */
const ROSTER = 7;
/** Early enough that two silent witnesses cost no round: each costs its blocks for the roster and for the list. */
const clock = { ready: ROSTER - 1, roster: ROSTER };
/** Everybody is ready in the block before; the second one's list is signed once the exchange and the silent blocks are over. */
const LIST_TURN = ROSTER - 1 + consensus.reduce.exchangeBlocks + consensus.reduce.silentListBlocks;

/** A group and its witnesses in the order in which they propose in round 0. */
async function withWitnesses(
  count: number,
  between?: NonNullable<GroupOptions['between']>,
): Promise<Group & { readonly order: readonly Ss58[] }> {
  const group = await startGroup({ clock, witnesses: names.slice(0, count), ...(between && { between }) });
  groups.push(group);
  await group.to(START);
  const blockHash = await group.chain.blockHash(START, AbortSignal.timeout(1_000));
  return { ...group, order: seededOrder(names.slice(0, count), blockHash, 'propose') };
}

const rosterOf = ({ peers }: Group, hotkey: Ss58): Roster | null =>
  peers.get(hotkey)?.settled[0]?.round.roster ?? null;
const settled = ({ peers }: Group, of: readonly Ss58[]) => of.map((hotkey) => outcomes(peers.get(hotkey)));
const told = ({ peers }: Group) => [...peers.values()].flatMap((peer) => peer.told);

describe('rounds of several witnesses', () => {
  it.each([3, 5])('%i of them sign one roster and commit one base, round after round', async (count) => {
    const group = await withWitnesses(count);
    await group.to(seen(2, 19));
    for (const peer of group.peers.values())
      expect(outcomes(peer)).toEqual(['committed', 'committed', 'committed']);
    expect(new Set(bases(group.peers)).size).toBe(1);
    expect(rosterOf(group, miners[0]!)?.proposer).toBe(group.order[0]);
    expect(told(group)).toEqual([]);
    expect(group.hub.contradictions).toEqual([]);
  });

  it('a proposer that died is followed by the next in the order, and the round commits', async () => {
    const group = await withWitnesses(3);
    const [dead, next, last] = group.order as [Ss58, Ss58, Ss58];
    await group.to(seen(0, ROSTER - 2));
    group.hub.cut(dead, true);
    await group.to(seen(0, 19));
    expect(settled(group, [next, last, ...miners])).toEqual(Array(6).fill(['committed']));
    expect(rosterOf(group, miners[0]!)?.proposer).toBe(next);
  });

  it('two of five that died are passed over, and the round commits', async () => {
    const group = await withWitnesses(5);
    await group.to(seen(0, ROSTER - 2));
    for (const dead of group.order.slice(0, 2)) group.hub.cut(dead, true);
    await group.to(seen(0, 19));
    expect(rosterOf(group, miners[0]!)?.proposer).toBe(group.order[2]);
    expect(settled(group, miners)).toEqual(Array(4).fill(['committed']));
  });

  it('a silent proposer that wakes late signs what the others agreed on, and nothing of its own', async () => {
    const group = await withWitnesses(3);
    const [late, next] = group.order as [Ss58, Ss58];
    group.hub.cut(late, true);
    await group.to(seen(0, ROSTER + 1));
    group.hub.cut(late, false);
    await group.to(seen(0, 19));
    expect(rosterOf(group, late)?.proposer).toBe(next);
    expect(settled(group, [...group.order, ...miners])).toEqual(Array(7).fill(['committed']));
    expect(told(group)).toEqual([]);
  });

  it('witnesses of which none sees half of the others skip the round, and meet in the next', async () => {
    const group = await withWitnesses(3);
    await group.to(seen(0, 2));
    for (const [i, a] of group.order.entries())
      for (const b of group.order.slice(i + 1)) group.hub.part(a, b, true);
    // Each miner sees one of them.
    for (const [i, miner] of miners.entries())
      for (const [j, one] of group.order.entries()) if (i % 3 !== j) group.hub.part(miner, one, true);
    await group.to(seen(0, 19));
    expect(settled(group, miners)).toEqual(Array(4).fill(['skipped']));
    for (const one of group.order)
      for (const other of [...group.order, ...miners]) group.hub.part(one, other, false);
    await group.to(seen(1, 19));
    expect(settled(group, miners)).toEqual(Array(4).fill(['skipped', 'committed']));
    expect(new Set(bases(group.peers)).size).toBe(1);
  });

  it('a miner that one witness alone sees is in the roster of all, and hears that it is agreed', async () => {
    const group = await withWitnesses(3);
    await group.to(seen(0, 2));
    const [alone] = miners as [Ss58];
    for (const one of group.order.slice(0, 2)) group.hub.part(alone, one, true);
    await group.to(seen(0, 19));
    expect(rosterOf(group, group.order[0]!)?.members.map(({ hotkey }) => hotkey)).toContain(alone);
    expect(group.peers.get(alone)?.settled[0]?.summary).toMatchObject({
      outcome: 'committed',
      contributed: true,
    });
  });

  it('a witness that restarts between signing and agreement says the same again', async () => {
    const group = await withWitnesses(3);
    const [first, second] = group.order as [Ss58, Ss58];
    group.hub.part(first, second, true);
    await group.to(seen(0, ROSTER));
    await group.restart(first);
    await group.to(seen(0, 19));
    expect(group.hub.contradictions).toEqual([]);
    expect(settled(group, miners)).toEqual(Array(4).fill(['committed']));
  });

  it('a witness that signs two rosters is told by name, and nobody has two', async () => {
    const group = await withWitnesses(3);
    const [liar] = group.order as [Ss58];
    await group.to(seen(0, ROSTER));
    const { roster } = await kept(group.peers.get(liar)!, 'pending');
    for (const medianNorm of [0.25, 0.125]) group.hub.signAlso(liar, { ...roster, medianNorm });
    await group.to(seen(0, 19));
    const others = [...group.peers.values()].filter(({ hotkey }) => hotkey !== liar);
    for (const peer of others)
      expect(peer.told).toEqual([{ code: 'WITNESS_CONTRADICTS', params: { hotkey: liar, round: 0 } }]);
    expect(settled(group, miners)).toEqual(Array(4).fill(['committed']));
  });
});

/** Stands between a host and its `swarm`: a silent one's own list of results is never made. */
function silentComposers() {
  const silent = new Set<Ss58>();
  const between = (swarm: FakeSwarm, hotkey: Ss58): FakeSwarm => {
    const call = async (name: string, ...given: unknown[]) => {
      if (name === 'composeResults' && silent.has(hotkey))
        throw new AppError('TIMEOUT', { what: name, limitMs: 1 });
      return (swarm.call as (...all: unknown[]) => Promise<unknown>)(name, ...given);
    };
    return Object.assign(Object.create(swarm) as FakeSwarm, { call });
  };
  return { silent, between };
}

const BEFORE_OUTCOME = consensus.clock.outcome - 1;
/** The list that a witness signed in the round in progress, by its journal. */
const signedBy = async ({ peers }: Group, one: Ss58): Promise<ResultsVote | null> =>
  (await kept(peers.get(one)!, 'pending')).signedResults;

describe('the results list of several witnesses', () => {
  it.each([3, 5])(
    'of %i of them is one: all sign the first proposal, and nobody signs two',
    async (count) => {
      const group = await withWitnesses(count);
      await group.to(seen(0, BEFORE_OUTCOME));
      const signed = await Promise.all(group.order.map((one) => signedBy(group, one)));
      await group.to(seen(1, 19));
      // Who hears of enough signatures before its own need not sign.
      const votes = signed.filter((vote) => vote !== null);
      expect(votes.length).toBeGreaterThan(count / 2);
      for (const vote of votes) expect(vote).toEqual({ ...votes[0], proposer: group.order[0] });
      expect(group.hub.contradictions).toEqual([]);
      expect(settled(group, miners)).toEqual(Array(4).fill(['committed', 'committed']));
    },
  );

  it('comes from the next one where the first is silent, who signs that one when it wakes', async () => {
    const { silent, between } = silentComposers();
    const group = await withWitnesses(3, between);
    const [first, second] = group.order as [Ss58, Ss58];
    silent.add(first);
    await group.to(seen(0, LIST_TURN));
    silent.clear();
    await group.to(seen(0, BEFORE_OUTCOME));
    for (const one of group.order.slice(1)) expect((await signedBy(group, one))?.proposer).toBe(second);
    await group.to(seen(0, 19));
    expect(group.hub.contradictions).toEqual([]);
    expect(settled(group, miners)).toEqual(Array(4).fill(['committed']));
  });

  it('is none where each witness holds other results: the round is void with its reason, the next one is not', async () => {
    const group = await withWitnesses(3);
    for (const one of group.order) group.hub.holdOther(one, true);
    await group.to(seen(0, 19));
    for (const miner of miners)
      expect(group.peers.get(miner)!.settled[0]?.summary).toMatchObject({
        outcome: 'void',
        reason: { code: 'no-list' },
      });
    for (const one of group.order) group.hub.holdOther(one, false);
    await group.to(seen(1, 19));
    expect(settled(group, miners)).toEqual(Array(4).fill(['void', 'committed']));
    expect(new Set(bases(group.peers)).size).toBe(1);
  });

  it('of one that holds what nobody else does is passed over for the next one', async () => {
    const group = await withWitnesses(3);
    const [odd, next] = group.order as [Ss58, Ss58];
    group.hub.holdOther(odd, true);
    await group.to(seen(0, BEFORE_OUTCOME));
    expect((await signedBy(group, next))?.proposer).toBe(next);
    await group.to(seen(0, 19));
    expect(settled(group, [...group.order, ...miners])).toEqual(Array(7).fill(['committed']));
    expect(new Set(bases(group.peers)).size).toBe(1);
  });

  it('that a witness signs twice is told by name, and the first one counts', async () => {
    const group = await withWitnesses(3);
    const [liar] = group.order as [Ss58];
    await group.to(seen(0, ROSTER + 1));
    const { signedResults } = await kept(group.peers.get(liar)!, 'pending');
    for (const name of ['one', 'other'])
      group.hub.signAlsoResults(liar, { ...signedResults, resultsDigest: digestOf(name) });
    await group.to(seen(0, 19));
    for (const peer of [...group.peers.values()].filter(({ hotkey }) => hotkey !== liar))
      expect(peer.told).toEqual([{ code: 'WITNESS_CONTRADICTS', params: { hotkey: liar, round: 0 } }]);
    expect(settled(group, miners)).toEqual(Array(4).fill(['committed']));
  });

  it('is the same after a restart of a witness that had signed it and was heard by nobody', async () => {
    const group = await withWitnesses(3);
    const [first] = group.order as [Ss58];
    await group.to(seen(0, ROSTER - 1));
    for (const other of [...group.order.slice(1), ...miners]) group.hub.part(first, other, true);
    await group.to(seen(0, ROSTER + 1));
    await group.restart(first);
    for (const other of [...group.order.slice(1), ...miners]) group.hub.part(first, other, false);
    await group.to(seen(0, 19));
    expect(group.hub.contradictions).toEqual([]);
    expect(settled(group, miners)).toEqual(Array(4).fill(['committed']));
  });
});

const standings = ({ peers }: Group) => [...peers.values()].map(({ train }) => train.standing.id);

it('whatever members lose and witnesses hold, all that settle the round stand on one id, or on the one before', async () => {
  const some = <T>(of: readonly T[]) => fc.subarray([...of]);
  const places = [0, 1, 2];
  const faults = fc.record({
    losing: some(miners),
    cut: some(miners),
    odd: some(places),
    silent: some(places),
  });
  await fc.assert(
    fc.asyncProperty(faults, async ({ losing, cut, odd, silent }) => {
      const composers = silentComposers();
      const group = await withWitnesses(3, composers.between);
      const [first] = standings(group);
      await group.to(seen(0, ROSTER - 2));
      for (const one of losing) group.hub.loseResults(one, true);
      for (const place of odd) group.hub.holdOther(group.order[place]!, true);
      for (const place of silent) composers.silent.add(group.order[place]!);
      await group.to(seen(0, ROSTER));
      for (const one of cut) group.hub.cut(one, true);
      await group.to(seen(0, 19));
      const moved = new Set(standings(group).filter((id) => id !== first));
      const isCommitted = group.order.some((one) => outcomes(group.peers.get(one))?.[0] === 'committed');
      expect(moved.size).toBe(isCommitted ? 1 : 0);
      expect(group.hub.contradictions).toEqual([]);
    }),
    { numRuns: runs(5, 200) },
  );
});

/** A host that is gone at one of its calls: just before it, or just after; its `swarm` hears nothing more of it. */
function killedAt(target: string, when: 'before' | 'after') {
  const state: { victim: Ss58 | null; isDead: boolean } = { victim: null, isDead: false };
  const between = (swarm: FakeSwarm, hotkey: Ss58): FakeSwarm => {
    const call = async (name: string, ...given: unknown[]) => {
      const real = () => (swarm.call as (...all: unknown[]) => Promise<unknown>)(name, ...given);
      if (hotkey !== state.victim) return real();
      if (state.isDead) throw new AppError('CHILD_EXITED', { child: 'swarm', detail: 'killed' });
      if (name !== target) return real();
      state.isDead = true;
      if (when === 'after') await real();
      throw new AppError('CHILD_EXITED', { child: 'swarm', detail: 'killed' });
    };
    return Object.assign(Object.create(swarm) as FakeSwarm, { call });
  };
  return { state, between };
}

describe.each(['reduce', 'composeResults', 'signResults', 'takeResults', 'announceResult'])(
  'a witness that is killed at %s',
  (target) => {
    it.each(['before', 'after'] as const)(
      '(%s it) signs no second list, and all commit one base',
      async (when) => {
        const { state, between } = killedAt(target, when);
        const group = await withWitnesses(3, between);
        state.victim = group.order[0]!;
        for (let offset = 0; !state.isDead && offset < 16; offset++) await group.to(seen(0, offset));
        expect(state.isDead).toBe(true);
        state.victim = null;
        await group.restart(group.order[0]!);
        await group.to(seen(1, 19));
        expect(group.hub.contradictions).toEqual([]);
        expect(settled(group, miners).map((all) => all?.at(-1))).toEqual(Array(4).fill('committed'));
        expect(new Set(bases(group.peers)).size).toBe(1);
      },
    );
  },
);
