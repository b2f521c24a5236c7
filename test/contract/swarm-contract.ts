import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChildClient, EventName, EventOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { Ready, Roster } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import { hex, type Ss58 } from '../../src-shared/units.ts';
import { doorContract } from './door-contract.ts';

/** One `swarm` that can find the others of its bench. */
export interface SwarmMember {
  readonly hotkey: Ss58;
  readonly child: ChildClient<SwarmContract>;
  /** Puts a work record where `train` leaves it. */
  leaveWork(round: number, bytes: Uint8Array): Promise<void>;
  /** Ends the process. */
  end(): Promise<void>;
}

export interface SwarmBench {
  /** At least three, started, none of which has been told of members. */
  readonly members: readonly SwarmMember[];
  /** A path at which a file of that size stands. */
  stateFile(sizeBytes: number): Promise<string>;
  stop(): Promise<void>;
}

type Name = EventName<SwarmContract>;
const ZERO = hex('0'.repeat(64));
const STRANGER = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Ss58;

/** A member and everything that it has told its host. */
class Ear {
  readonly member: SwarmMember;
  readonly #told: { readonly name: Name; readonly payload: unknown }[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(member: SwarmMember) {
    this.member = member;
    for (const name of ['peer', 'ready', 'roster', 'rosterProposal', 'result', 'resultsList'] as const)
      member.child.on(name, (payload) => {
        this.#told.push({ name, payload });
        for (const look of [...this.#watchers]) look();
      });
  }

  told<N extends Name>(name: N): EventOf<SwarmContract, N>[] {
    return this.#told.filter((one) => one.name === name).map(({ payload }) => payload as never);
  }

  /** Resolves with the first event that fits, heard already or to come; the test's own limit ends the wait. */
  heard<N extends Name>(
    name: N,
    fits: (payload: EventOf<SwarmContract, N>) => boolean,
  ): Promise<EventOf<SwarmContract, N>> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.told(name).find(fits);
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** What it last heard of this peer becomes this. */
  seesConnected(other: Ear, connected: boolean): Promise<unknown> {
    const of = ({ hotkey }: { readonly hotkey: Ss58 }) => hotkey === other.member.hotkey;
    return this.heard('peer', (peer) => of(peer) && this.told('peer').findLast(of)?.connected === connected);
  }
}

/** What the host may expect of `swarm`. The tests of one bench run in order, each in rounds of its own. */
export function swarmContractSuite(name: string, open: () => Promise<SwarmBench>): void {
  describe(`swarm ${name}`, () => {
    const { signal } = new AbortController();
    let bench: SwarmBench;
    let witness: Ear;
    let anna: Ear;
    let bob: Ear;
    let round = 0;

    const call: ChildClient<SwarmContract>['call'] = (...args) => anna.member.child.call(...args);
    const hotkeysOf = (ears: readonly Ear[]) => ears.map(({ member }) => member.hotkey);
    const setMembers = ({ member }: Ear, of: readonly Ear[], witnesses: readonly Ear[] = [witness]) =>
      member.child.call('setMembers', { hotkeys: hotkeysOf(of), witnesses: hotkeysOf(witnesses) }, signal);
    const announce = ({ member }: Ear, ready: Ready) => member.child.call('announceReady', ready, signal);
    const propose = ({ member }: Ear, roster: Roster) => member.child.call('proposeRoster', roster, signal);
    const readyOf = ({ member }: Ear, more: Partial<Ready> = {}): Ready => ({
      round,
      hotkey: member.hotkey,
      baseId: ZERO,
      schemaHash: ZERO,
      codec: 'fp16',
      upBytesPerS: 1,
      downBytesPerS: 1,
      weight: 1,
      norm: 0.5,
      root: ZERO,
      workDigest: ZERO,
      sequences: 3,
      ...more,
    });
    const rosterFrom = ({ member }: Ear): Roster => ({
      round,
      baseId: ZERO,
      proposer: member.hotkey,
      members: [witness, anna, bob].map((one, i) => ({
        hotkey: one.member.hotkey,
        codec: 'fp16',
        weight: 1,
        clipExponent: 0,
        norm: 0.5,
        root: ZERO,
        workDigest: ZERO,
        firstChunk: i,
        chunkCount: 1,
      })),
      medianNorm: 0.5,
    });
    /** Says something after everything else and waits until both others have heard it. */
    async function barrier(from: Ear): Promise<void> {
      const said = { round: ++round, resultId: ZERO, baseDigest: ZERO };
      await from.member.child.call('announceResult', said, signal);
      const others = [witness, anna, bob].filter((one) => one !== from);
      await Promise.all(others.map((one) => one.heard('result', (result) => result.round === said.round)));
    }

    beforeAll(async () => {
      bench = await open();
      [witness, anna, bob] = bench.members.map((member) => new Ear(member)) as [Ear, Ear, Ear];
    });
    afterAll(() => bench.stop());

    it('lets nobody in before it knows who the members are', async () => {
      await setMembers(anna, [witness, anna, bob]);
      await setMembers(bob, [anna, bob]);
      await Promise.all([anna.seesConnected(bob, true), anna.seesConnected(witness, true)]);
      await announce(anna, readyOf(anna));
      await bob.heard('ready', (ready) => ready.round === round);
      expect(witness.told('peer')).toEqual([]);
      expect(witness.told('ready')).toEqual([]);
    });

    it('tells of every member that is connected, on both sides, and brings what was held at the door', async () => {
      const all = [witness, anna, bob];
      for (const one of all) await setMembers(one, all);
      const pairs = all.flatMap((one) => all.filter((other) => other !== one).map((other) => [one, other]));
      await Promise.all(pairs.map(([one, other]) => one!.seesConnected(other!, true)));
      await witness.heard('ready', (ready) => ready.round === 0 && ready.hotkey === anna.member.hotkey);
    });

    it('brings readiness to the others as it was said, and not back', async () => {
      round++;
      const said = readyOf(anna);
      await announce(anna, said);
      for (const other of [witness, bob])
        expect(await other.heard('ready', (ready) => ready.round === said.round)).toEqual(said);
      expect(anna.told('ready')).toEqual([]);
    });

    it('tells what is said twice once', async () => {
      round++;
      const said = readyOf(anna);
      await announce(anna, said);
      await bob.heard('ready', (ready) => ready.round === said.round);
      await announce(anna, said);
      await barrier(anna);
      expect(bob.told('ready').filter((ready) => ready.round === said.round)).toHaveLength(1);
    });

    it('tells no older word of a signer than the newest it has', async () => {
      const [first, second] = [++round, ++round];
      await announce(anna, readyOf(anna, { round: second }));
      await bob.heard('ready', (ready) => ready.round === second);
      await announce(anna, readyOf(anna, { round: first }));
      await barrier(anna);
      expect(bob.told('ready').filter((ready) => ready.round === first)).toEqual([]);
    });

    it('tells a changed word of the same round again', async () => {
      round++;
      await announce(anna, readyOf(anna));
      await announce(anna, readyOf(anna, { sequences: 4 }));
      const changed = await bob.heard('ready', (ready) => ready.round === round && ready.sequences === 4);
      expect(changed.hotkey).toBe(anna.member.hotkey);
    });

    it('brings nobody readiness in the name of another', async () => {
      round++;
      const foreign = readyOf(bob);
      await announce(anna, foreign);
      await barrier(anna);
      expect(witness.told('ready').filter((ready) => ready.round === foreign.round)).toEqual([]);
    });

    it('brings the roster that the witness signed to everybody, itself included', async () => {
      round++;
      const roster = rosterFrom(witness);
      await propose(witness, roster);
      for (const one of [witness, anna, bob]) {
        const agreed = await one.heard('roster', (said) => said.roster.round === roster.round);
        expect(agreed).toEqual({ roster, rosterDigest: rosterDigest(roster) });
      }
    });

    it('brings a second roster of the witness for that round to nobody', async () => {
      const of = round;
      await propose(witness, { ...rosterFrom(witness), medianNorm: 0.25 });
      await barrier(witness);
      expect(bob.told('roster').filter(({ roster }) => roster.round === of)).toHaveLength(1);
    });

    it('counts no roster of a member that is no witness', async () => {
      round++;
      const roster = rosterFrom(anna);
      await propose(anna, roster);
      await barrier(anna);
      for (const one of [witness, anna, bob])
        expect(one.told('roster').filter((said) => said.roster.round === roster.round)).toEqual([]);
    });

    it('puts a roster to the other witnesses, and counts it once more than half have signed it', async () => {
      round++;
      const all = [witness, anna, bob];
      for (const one of all) await setMembers(one, all, all);
      const roster = rosterFrom(witness);
      const said = { roster, rosterDigest: rosterDigest(roster) };
      const isIt = (one: { readonly roster: Roster }) => one.roster.round === roster.round;
      await propose(witness, roster);
      for (const other of [anna, bob]) expect(await other.heard('rosterProposal', isIt)).toEqual(said);
      expect(all.flatMap((one) => one.told('roster').filter(isIt))).toEqual([]);
      await propose(anna, roster);
      for (const one of all) expect(await one.heard('roster', isIt)).toEqual(said);
      for (const one of all) await setMembers(one, all);
    });

    it('brings the results list that the witness signed to everybody, its first one alone', async () => {
      round++;
      const name = { round, rosterDigest: hex('01'.repeat(32)), resultsDigest: hex('02'.repeat(32)) };
      const sign = (one: typeof witness, resultsDigest = name.resultsDigest) =>
        one.member.child.call('signResults', { ...name, resultsDigest, proposer: one.member.hotkey }, signal);
      await sign(anna);
      await barrier(anna);
      for (const one of [witness, anna, bob])
        expect(one.told('resultsList').filter((said) => said.round === name.round)).toEqual([]);
      await sign(witness);
      for (const one of [witness, anna, bob])
        expect(await one.heard('resultsList', (said) => said.round === name.round)).toEqual(name);
      await sign(witness, hex('03'.repeat(32)));
      await barrier(witness);
      expect(bob.told('resultsList').filter((said) => said.round === name.round)).toEqual([name]);
    });

    it('counts a results list once more than half of the witnesses have signed it, whoever proposed it', async () => {
      round++;
      const all = [witness, anna, bob];
      for (const one of all) await setMembers(one, all, all);
      const name = { round, rosterDigest: hex('01'.repeat(32)), resultsDigest: hex('04'.repeat(32)) };
      const sign = ({ member }: Ear) =>
        member.child.call('signResults', { ...name, proposer: member.hotkey }, signal);
      await sign(witness);
      await barrier(witness);
      expect(
        all.flatMap((one) => one.told('resultsList').filter((said) => said.round === name.round)),
      ).toEqual([]);
      await sign(anna);
      for (const one of all)
        expect(await one.heard('resultsList', (said) => said.round === name.round)).toEqual(name);
      for (const one of all) await setMembers(one, all);
    });

    it('makes no list and no average of a round that was not reduced', async () => {
      const name = {
        round: ++round,
        rosterDigest: hex('01'.repeat(32)),
        resultsDigest: hex('02'.repeat(32)),
      };
      const { resultsDigest: _, ...asked } = name;
      await expect(call('composeResults', asked, signal)).rejects.toMatchObject({ code: 'NOT_NOW' });
      await expect(call('takeResults', name, signal)).rejects.toMatchObject({ code: 'NOT_NOW' });
    });

    it('brings results to the others with who said them', async () => {
      round++;
      const said = { round, resultId: hex('ab'.repeat(32)), baseDigest: hex('cd'.repeat(32)) };
      await call('announceResult', said, signal);
      for (const other of [witness, bob])
        expect(await other.heard('result', (result) => result.round === said.round)).toEqual({
          hotkey: anna.member.hotkey,
          ...said,
        });
    });

    it('hands out the work record that was offered, byte for byte', async () => {
      round++;
      const bytes = new TextEncoder().encode('{"a":"work record"}');
      await bob.member.leaveWork(round, bytes);
      await bob.member.child.call('offerWork', { round }, signal);
      const fetched = await call('fetchWork', { hotkey: bob.member.hotkey, round }, signal);
      expect(fetched.bytes).toEqual(bytes);
    });

    it('hands out no work record that was not offered', async () => {
      round++;
      await bob.member.leaveWork(round, Uint8Array.of(1));
      const fetched = call('fetchWork', { hotkey: bob.member.hotkey, round }, signal);
      await expect(fetched).rejects.toMatchObject({ code: 'PEER_REFUSED' });
    });

    it('names who is absent when something is asked of it', async () => {
      const absent = { code: 'PEER_UNREACHABLE', params: { peer: STRANGER } };
      const hotkey = STRANGER;
      await expect(call('fetchWork', { hotkey, round }, signal)).rejects.toMatchObject(absent);
      await expect(call('fetchScores', { hotkey }, signal)).rejects.toMatchObject(absent);
      const asked = { hotkey, bytes: 1_024, limitMs: 1_000 };
      await expect(call('challenge', asked, signal)).rejects.toMatchObject(absent);
    });

    it('fetches the scores of a validator, null where it has none yet', async () => {
      const { hotkey, child } = witness.member;
      expect(await call('fetchScores', { hotkey }, signal)).toEqual({ json: null });
      await child.call('offerScores', { json: '{"cards":[]}' }, signal);
      expect(await call('fetchScores', { hotkey }, signal)).toEqual({ json: '{"cards":[]}' });
    });

    it('measures a challenge both ways', async () => {
      const asked = { hotkey: bob.member.hotkey, bytes: 65_536, limitMs: 10_000 };
      const measured = await call('challenge', asked, signal);
      for (const took of [measured.latencyMs, measured.downMs, measured.upMs])
        expect(took).toBeGreaterThan(0);
    });

    it('fetches the list of committed rounds from who offers one', async () => {
      const { hotkey, child } = bob.member;
      expect(await call('fetchLineage', { hotkey: null }, signal)).toEqual([]);
      const absent = call('fetchLineage', { hotkey: STRANGER }, signal);
      await expect(absent).rejects.toMatchObject({ code: 'PEER_REFUSED' });
      const lineage = [
        {
          round: 0,
          rosterDigest: hex('01'.repeat(32)),
          resultsDigest: hex('03'.repeat(32)),
          baseDigest: hex('02'.repeat(32)),
        },
      ];
      const path = await bench.stateFile(64);
      await child.call('offerState', { baseDigest: ZERO, path, sizeBytes: 64, lineage }, signal);
      expect(await call('fetchLineage', { hotkey: null }, signal)).toEqual(lineage);
      expect(await call('fetchLineage', { hotkey }, signal)).toEqual(lineage);
    });

    it('has no receipts of a round without an all-reduce', async () => {
      expect(await call('receipts', { round: 9_999 }, signal)).toEqual([]);
    });

    it('parts from who is no member any more, on both sides', async () => {
      await setMembers(bob, [witness, bob]);
      await Promise.all([anna.seesConnected(bob, false), bob.seesConnected(anna, false)]);
      const fetched = call('fetchWork', { hotkey: bob.member.hotkey, round }, signal);
      await expect(fetched).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    });

    it('brings who comes back what was said while it was away', async () => {
      round++;
      const said = readyOf(anna);
      await announce(anna, said);
      await witness.heard('ready', (ready) => ready.round === said.round);
      await setMembers(bob, [witness, anna, bob]);
      await anna.seesConnected(bob, true);
      expect(await bob.heard('ready', (ready) => ready.round === said.round)).toEqual(said);
    });

    it('is deaf to rounds beyond the next, and to those long past, once it knows which one it is', async () => {
      const child = bob.member.child;
      await child.call('setRound', { round: round + 1 }, signal);
      const far = { round: round + 3, resultId: ZERO, baseDigest: ZERO };
      await witness.member.child.call('announceResult', far, signal);
      await anna.heard('result', (result) => result.round === far.round);
      await barrier(anna);
      expect(bob.told('result').filter((result) => result.round === far.round)).toEqual([]);
      await child.call('setRound', { round: round + 10 }, signal);
      const past = readyOf(anna, { round: ++round });
      await announce(anna, past);
      await witness.heard('ready', (ready) => ready.round === past.round);
      const next = readyOf(anna, { round: round + 10 });
      await announce(anna, next);
      await bob.heard('ready', (ready) => ready.round === next.round);
      expect(bob.told('ready').filter((ready) => ready.round === past.round)).toEqual([]);
    });

    doorContract(() => anna.member.child, {
      name: 'receipts',
      params: { round: 0 },
      misfit: { round: 'none' },
    });

    it('is gone for the others, and for its host, once it has stopped', async () => {
      await bob.member.end();
      await Promise.all([anna.seesConnected(bob, false), witness.seesConnected(bob, false)]);
      const late = bob.member.child.call('receipts', { round: 0 }, signal);
      await expect(late).rejects.toMatchObject({ code: 'CHILD_EXITED' });
      const fetched = call('fetchWork', { hotkey: bob.member.hotkey, round }, signal);
      await expect(fetched).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    });
  });
}
