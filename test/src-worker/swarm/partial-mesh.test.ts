import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { ResultsVote, Roster } from '../../../src-shared/rounds/messages.ts';
import { Control } from '../../../src-worker/swarm/control/control.ts';
import { MemoryWorld } from './memory-network.ts';
import { gridOf, rosterOf, type TestMember, testConsensus, testMember, ZERO } from './round.ts';

/** Control messages where not everybody sees everybody: three witnesses and a miner, whose lines a test cuts. */
const runTag = 'ab'.repeat(8);
const grid = gridOf(5_000, testConsensus());
let members: readonly TestMember[];
let world: MemoryWorld;
let controls: readonly Control[];
/** What each was told, in the order of members. */
let told: {
  readonly ready: unknown[];
  readonly roster: unknown[];
  readonly proposal: unknown[];
  readonly results: unknown[];
  readonly list: unknown[];
  readonly liar: unknown[];
}[];

beforeAll(async () => {
  members = await Promise.all([1, 2, 3, 4].map(testMember));
});
afterAll(async () => {
  for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
});

beforeEach(() => {
  world = new MemoryWorld();
  told = members.map(() => ({ ready: [], roster: [], proposal: [], results: [], list: [], liar: [] }));
  const networks = members.map(({ hotkey, key }) => world.join(hotkey, key.publicKey));
  controls = members.map(({ key: { sign } }, i) => {
    const events = {
      onSaid: (said: { readonly kind: string; readonly body: unknown }) => {
        if (said.kind === 'ready') told[i]!.ready.push(said.body);
      },
      onRoster: ({ roster }: { readonly roster: Roster }) => told[i]!.roster.push(roster),
      onProposal: ({ roster }: { readonly roster: Roster }) => told[i]!.proposal.push(roster),
      onResults: (vote: ResultsVote) => told[i]!.results.push(vote),
      onResultsProposal: (vote: ResultsVote) => told[i]!.list.push(vote),
      onContradiction: (said: unknown) => told[i]!.liar.push(said),
    };
    return new Control({ network: networks[i]!, runTag, sign, events });
  });
  const hotkeys = members.map(({ hotkey }) => hotkey);
  for (const control of controls) control.setMembers(new Set(hotkeys), new Set(hotkeys.slice(0, 3)));
});

const [FIRST, SECOND, THIRD, MINER] = [0, 1, 2, 3] as const;
const part = (a: number, b: number) => world.part(members[a]!.hotkey, members[b]!.hotkey);
const readyOf = (i: number) => ({
  round: 5,
  hotkey: members[i]!.hotkey,
  baseId: ZERO,
  schemaHash: ZERO,
  codec: 'fp16' as const,
  upBytesPerS: 0,
  downBytesPerS: 0,
  weight: 1,
  norm: 1,
  root: ZERO,
  workDigest: ZERO,
  sequences: 1,
});
const proposalOf = (i: number): Roster => ({
  ...rosterOf(5, grid, [{ member: members[MINER]!, put: null }]).roster,
  proposer: members[i]!.hotkey,
});

it('what one witness hears of a miner, all of them hear', async () => {
  part(MINER, FIRST);
  part(MINER, SECOND);
  controls[MINER]!.say('ready', readyOf(MINER));
  for (const i of [FIRST, SECOND, THIRD])
    await vi.waitFor(() => expect(told[i]!.ready).toEqual([readyOf(MINER)]));
});

it('a miner that sees one witness alone hears what the others signed', async () => {
  part(MINER, FIRST);
  part(MINER, SECOND);
  const roster = proposalOf(FIRST);
  controls[FIRST]!.say('roster', roster);
  await vi.waitFor(() => expect(told[SECOND]!.proposal).toEqual([roster]));
  controls[SECOND]!.say('roster', roster);
  for (const { roster: agreed } of told) await vi.waitFor(() => expect(agreed).toEqual([roster]));
});

it('a proposal reaches a witness that does not see its proposer, and a vote for it is no proposal', async () => {
  part(FIRST, THIRD);
  const roster = proposalOf(FIRST);
  controls[FIRST]!.say('roster', roster);
  await vi.waitFor(() => expect(told[THIRD]!.proposal).toEqual([roster]));
  controls[SECOND]!.say('roster', roster);
  await vi.waitFor(() => expect(told[THIRD]!.roster).toEqual([roster]));
  expect(told[THIRD]!.proposal).toEqual([roster]);
});

it('two rosters of one witness, each told to another one, are found out by both', async () => {
  const { hotkey, key } = members[FIRST]!;
  const nothing = vi.fn();
  const events = {
    onSaid: nothing,
    onRoster: nothing,
    onProposal: nothing,
    onResults: nothing,
    onResultsProposal: nothing,
    onContradiction: nothing,
  };
  part(SECOND, THIRD);
  part(FIRST, THIRD);
  controls[FIRST]!.say('roster', proposalOf(FIRST));
  await vi.waitFor(() => expect(told[SECOND]!.proposal).toHaveLength(1));
  const again = new Control({ network: world.join(hotkey, key.publicKey), runTag, sign: key.sign, events });
  part(FIRST, SECOND);
  world.meet(hotkey, members[THIRD]!.hotkey);
  again.say('roster', { ...proposalOf(FIRST), medianNorm: 0.25 });
  await vi.waitFor(() => expect(told[THIRD]!.proposal).toHaveLength(1));
  world.meet(members[SECOND]!.hotkey, members[THIRD]!.hotkey);
  for (const i of [SECOND, THIRD])
    await vi.waitFor(() => expect(told[i]!.liar).toEqual([{ hotkey, round: 5 }]));
});
