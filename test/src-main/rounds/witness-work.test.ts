import { expect, it } from 'vitest';
import type { DriverEvents } from '../../../src-main/rounds/driver.ts';
import type { RoundInput } from '../../../src-main/rounds/round-state.ts';
import { witnessWork } from '../../../src-main/rounds/witness-work.ts';
import { listeners } from '../../../src-node/listeners.ts';
import type { WitnessRound, WitnessView } from '../../../src-shared/contract/page/witness.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { bench, digestOf, miners, readyOf, report, START, witness } from './machine-bench.ts';

const result = digestOf('result');

/** A witness's machine, and what its work is told to be. */
async function followed(disk: { rounds: readonly WitnessRound[] | null } = { rounds: null }) {
  const at = bench(witness);
  const events = listeners<DriverEvents>();
  const driver = {
    on: events.on,
    get state() {
      return at.state;
    },
    track: () => undefined,
  };
  const file = {
    read: async () => disk.rounds,
    write: async (rounds: readonly WitnessRound[]) => {
      disk.rounds = rounds;
    },
  };
  const work = await witnessWork(at.setup, driver, file);
  const told: WitnessView[] = [];
  work.on('changed', (view) => told.push(view));
  let before = at.state;
  /** Tells of what the machine did since, as the driver does. */
  function moved(): WitnessRound | undefined {
    if (at.state !== before) events.emit('moved', { before, after: at.state });
    before = at.state;
    return work.view.rounds[0];
  }
  function feed(input: RoundInput) {
    for (const command of at.feed(input)) if (command.kind === 'conclude') events.emit('concluded', command);
    return moved();
  }
  function toPrepared() {
    at.toListed();
    at.feed({ kind: 'resultsTaken', round: 0, report: report(1) });
    const prepared = { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result };
    at.feed({ kind: 'prepared', round: 0, prepared });
    moved();
  }
  const hear = () =>
    miners.forEach((hotkey) => void feed({ kind: 'result', hotkey, round: 0, resultId: result }));
  return { at, work, told, disk, feed, moved, toPrepared, hear };
}

/** The round's outcome is read, and it ends. */
function end(
  { at, feed, moved }: Awaited<ReturnType<typeof followed>>,
  outcome: Extract<RoundInput, { kind: 'outcome' }>['outcome'],
) {
  at.block(START + 17);
  at.block(START + 18);
  feed({ kind: 'outcome', round: 0, outcome });
  feed({ kind: 'settled', round: 0, standing: at.state.standing });
  return moved();
}

it('a witness is told what it signed, looked at and wrote, and that it became final', async () => {
  const one = await followed();
  one.at.toReady();
  for (const hotkey of miners) one.feed({ kind: 'ready', ready: readyOf(hotkey) });
  const signed = one.at.state.current!.proposal!;
  expect(one.moved()!.roster).toEqual({ proposer: witness, digest: rosterDigest(signed) });
  const two = await followed();
  two.toPrepared();
  expect(two.moved()!.audit).toEqual({ verdict: 'asked', drawn: null, wrong: null });
  two.feed({ kind: 'audited', round: 0, verdict: 'passed', withheld: [], seen: { drawn: 20, wrong: 0 } });
  two.hear();
  expect(two.moved()).toMatchObject({
    audit: { verdict: 'passed', drawn: 20, wrong: 0 },
    record: { resultId: result, state: 'on-its-way' },
    outcome: null,
  });
  const { record } = two.at.state.outgoing!;
  two.feed({ kind: 'recordSent', record, isDone: true });
  expect(two.moved()!.record).toEqual({ resultId: result, state: 'final' });
  expect(two.work.view).toMatchObject({ isWitness: true, witnesses: [witness] });
  expect(two.told.at(-1)).toEqual(two.work.view);
});

it('what stood against it is told: a wrong result, another outcome, a record that nobody took, two words of another', async () => {
  const wrong = await followed();
  wrong.toPrepared();
  wrong.feed({ kind: 'audited', round: 0, verdict: 'failed', withheld: [], seen: { drawn: 20, wrong: 1 } });
  wrong.work.contradicted({ hotkey: miners[0]!, round: 0 });
  const void_ = end(wrong, { kind: 'void' })!;
  expect(void_).toMatchObject({ outcome: 'void', record: null, audit: { verdict: 'failed', wrong: 1 } });
  expect(void_.against).toEqual([
    { code: 'contradiction', params: { hotkey: miners[0]! } },
    { code: 'wrong-result', params: {} },
  ]);

  const other = await followed();
  other.toPrepared();
  other.feed({ kind: 'audited', round: 0, verdict: 'passed', withheld: [] });
  other.hear();
  other.feed({ kind: 'recordSent', record: other.at.state.outgoing!.record, isDone: false });
  const ended = end(other, { kind: 'committed', id: digestOf('another') })!;
  expect(ended.record).toEqual({ resultId: result, state: 'given-up' });
  expect(ended.against.map(({ code }) => code).sort()).toEqual(['not-written', 'other-result']);
});

it('rounds gone by outlive a restart', async () => {
  const disk = { rounds: null };
  const before = await followed(disk);
  before.toPrepared();
  before.feed({ kind: 'audited', round: 0, verdict: 'failed', withheld: [] });
  end(before, { kind: 'void' });
  const after = await followed(disk);
  expect(after.work.view.rounds).toEqual(before.work.view.rounds);
  expect(after.work.view.rounds).toHaveLength(1);
});
