import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TxFate } from '../../../src-main/network/chain.ts';
import type { HeldOutPoint } from '../../../src-main/rounds/held-out.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { hex } from '../../../src-shared/units.ts';
import { bases, type Group, type GroupOptions, kept, outcomes, seen, startGroup } from './group.ts';
import { miners as names, START, witness } from './machine-bench.ts';

const groups: Group[] = [];
async function group(heard?: GroupOptions['heard']): Promise<Group> {
  const made = await startGroup(heard ? { heard } : {});
  groups.push(made);
  return made;
}
afterEach(async () => {
  for (const made of groups.splice(0)) {
    await made.stop();
    for (const { told } of made.peers.values()) expect(told).toEqual([]);
  }
});

describe('rounds of a whole group', () => {
  it('commit one base everywhere, round after round', async () => {
    const { peers, to } = await group();
    await to(seen(2, 19));
    for (const peer of peers.values())
      expect(outcomes(peer)).toEqual(['committed', 'committed', 'committed']);
    expect(new Set(bases(peers)).size).toBe(1);
    const alice = peers.get(names[0]!)!;
    expect(alice.settled[0]?.summary).toMatchObject({ members: 4, contributed: true, bytes: 20 });
    // The page draws the traffic of the last average, long after its round is over.
    for (const { summary } of alice.settled) expect(summary.edges).toHaveLength(peers.size - 1);
    expect(alice.rounds.history).toHaveLength(3);
    expect(alice.rounds.history[2]?.heldOutLoss).toBeCloseTo(7.8);
    expect(alice.rounds.view?.round).toBe(2);
  });

  it('keep what was measured on held-out text for who subscribes late', async () => {
    const { peers, to } = await group();
    const { rounds } = peers.get(names[0]!)!;
    const heard: HeldOutPoint[] = [];
    await rounds.idle();
    const before = rounds.heldOut;
    rounds.on('heldOut', (point) => heard.push(point));
    await to(seen(1, 19));
    expect(rounds.heldOut).toEqual([...before, ...heard]);
    expect(rounds.heldOut.map(({ round }) => round)).toEqual([-1, 0, 1]);
  });

  it('let a member that was paused before take no step, not even in its first round', async () => {
    const { peers, to, restart } = await group();
    await to(seen(0, 19));
    const alice = peers.get(names[0]!)!;
    const before = alice.train.calls.length;
    await restart(names[0]!, false);
    await to(seen(1, 19));
    const calls = alice.train.calls.slice(before);
    expect(calls.indexOf('openRound')).toBeGreaterThan(calls.indexOf('setActive'));
    expect(alice.train.active).toBe(false);
    expect(alice.settled[1]?.summary).toMatchObject({ contributed: false, reason: { code: 'paused' } });
  });

  it('void everywhere when the record comes too late, and the next round commits', async () => {
    const { chain, peers, to } = await group();
    await to(seen(0, 11));
    chain.holdCalls(true);
    await to(seen(0, 18));
    chain.holdCalls(false);
    await to(seen(1, 19));
    for (const peer of peers.values()) expect(outcomes(peer)).toEqual(['void', 'committed']);
    expect(new Set(bases(peers)).size).toBe(1);
  });

  const hash = hex('ab');
  it.each<TxFate>([
    { kind: 'refused', hash, module: 'Commitments', error: 'SpaceLimitExceeded', block: 7 },
    { kind: 'expired', hash },
    { kind: 'unknown', hash, block: null },
  ])('commit although the vote was $kind at first: it is sent again, the same', async (fate) => {
    const fields: string[] = [];
    const { peers, to } = await group((writer) => ({
      writeRecord: async (write, signal) => {
        fields.push(Buffer.from(write.field).toString('hex'));
        return fields.length === 1 ? fate : writer.writeRecord(write, signal);
      },
    }));
    await to(seen(0, 19));
    for (const peer of peers.values()) expect(outcomes(peer)).toEqual(['committed']);
    expect(fields.length).toBeGreaterThan(1);
    expect(new Set(fields).size).toBe(1);
  });

  it('send no vote again that is final', async () => {
    const fates: TxFate[] = [];
    const { to } = await group((writer) => ({
      async writeRecord(write, signal) {
        await writer.writeRecord(write, signal);
        fates.push({ kind: 'finalized', hash, block: START + 15, blockHash: hash, effect: { kind: 'done' } });
        return fates.at(-1)!;
      },
    }));
    await to(seen(0, 19));
    expect(fates).toHaveLength(1);
  });

  it('a member that lost its results signs nothing and follows by what others have', async () => {
    const { hub, peers, to } = await group();
    const alice = peers.get(names[0]!)!;
    hub.loseResults(names[0]!, true);
    // The others may not have offered the new state when it asks first; it asks again when the next round begins.
    await to(seen(1, 1));
    expect(alice.train.settled).toEqual(['0 committed']);
    expect(alice.train.calls).not.toContain('adopt');
    expect(new Set(bases(peers)).size).toBe(1);
    hub.loseResults(names[0]!, false);
    await to(seen(1, 19));
    expect(outcomes(alice)).toEqual(['committed', 'committed']);
    expect(alice.settled[1]?.summary.contributed).toBe(true);
  });

  it('a member that finds no average of the round it missed takes over the whole state', async () => {
    const { hub, peers, to } = await group();
    const alice = peers.get(names[0]!)!;
    hub.loseResults(names[0]!, true);
    hub.keepNoAverages();
    const spy = vi.spyOn(console, 'error').mockReturnValue(undefined);
    await to(seen(1, 1));
    spy.mockRestore();
    expect(alice.train.calls).toContain('adopt');
    expect(alice.train.calls).not.toContain('prepare');
    expect(new Set(bases(peers)).size).toBe(1);
  });

  it('a member whose host ends while it follows a round follows it after the restart', async () => {
    const { hub, peers, to, restart } = await group();
    const alice = peers.get(names[0]!)!;
    hub.loseResults(names[0]!, true);
    const spy = vi.spyOn(console, 'error').mockReturnValue(undefined);
    // Between the proof on the disk and the base on which it stands then.
    alice.train.failNext('settle', new AppError('CHILD_EXITED', { child: 'train', reason: '' }));
    alice.train.failNext('adopt', new AppError('CHILD_EXITED', { child: 'train', reason: '' }));
    await to(seen(0, 18));
    spy.mockRestore();
    expect(alice.train.standing.round).toBe(-1);
    await restart(alice.hotkey);
    await to(seen(1, 2));
    expect(alice.train.settled.at(-1)).toBe('0 committed');
    expect(alice.train.standing.round).toBe(0);
    expect(new Set(bases(peers)).size).toBe(1);
  });

  it('no majority: nothing is written and the round is void', async () => {
    const { chain, hub, peers, to } = await group();
    hub.loseResults(names[0]!, true);
    hub.loseResults(names[1]!, true);
    await to(seen(0, 19));
    expect(chain.submitted).toEqual([]);
    for (const peer of peers.values()) expect(outcomes(peer)).toEqual(['void']);
  });

  it('below the minimum rounds are skipped until peers come back', async () => {
    const { hub, peers, to } = await group();
    hub.cut(names[0]!, true);
    hub.cut(names[1]!, true);
    await to(seen(0, 19));
    expect(outcomes(peers.get(names[2]!))).toEqual(['skipped']);
    expect(peers.get(names[2]!)?.rounds.status).toEqual({ kind: 'waiting', for: 'peers' });
    hub.cut(names[0]!, false);
    await to(seen(1, 19));
    expect(outcomes(peers.get(names[2]!))).toEqual(['skipped', 'committed']);
  });

  it('a member that was away for two rounds follows them one by one and takes part again', async () => {
    const { hub, peers, to } = await group();
    const alice = peers.get(names[0]!)!;
    hub.cut(names[0]!, true);
    await to(seen(1, 19));
    expect(alice.train.standing.round).toBe(-1);
    hub.cut(names[0]!, false);
    await to(seen(3, 19));
    expect(alice.settled.at(-1)?.summary).toMatchObject({
      round: 3,
      outcome: 'committed',
      contributed: true,
    });
    expect(alice.train.settled).toEqual(['0 committed', '1 committed', '2 committed', '3 committed']);
    expect(new Set(bases(peers)).size).toBe(1);
  });

  it('a member that loads a state has its proof on disk before it stands on it', async () => {
    const { hub, peers, to } = await group();
    const alice = peers.get(names[0]!)!;
    hub.cut(names[0]!, true);
    await to(seen(2, 19));
    hub.cut(names[0]!, false);
    const spy = vi.spyOn(console, 'error').mockReturnValue(undefined);
    alice.train.failNext('adopt', new AppError('CHILD_EXITED', { child: 'train', reason: '' }));
    for (let block = seen(3, 0); !alice.train.calls.includes('adopt') && block < seen(4, 0); block++)
      await to(block);
    spy.mockRestore();
    expect(alice.train.standing.round).toBe(-1);
    const lineage = await kept(alice, 'lineage');
    expect(lineage.map(({ round }: { round: number }) => round).slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('a member that loads a state leaves no file of this one or an earlier one', async () => {
    const { hub, peers, to } = await group();
    const alice = peers.get(names[0]!)!;
    hub.cut(names[0]!, true);
    await to(seen(2, 19));
    const folder = join(alice.dataDir, 'rounds');
    for (const name of ['state-0.bin', 'state-1.bin', 'state-1.bin.part'])
      await writeFile(join(folder, name), 'left behind');
    hub.cut(names[0]!, false);
    await to(seen(4, 19));
    expect(alice.train.calls).toContain('adopt');
    expect((await readdir(folder)).filter((name) => name.startsWith('state-'))).toEqual([]);
  });

  it('a host that crashed between record and outcome settles from its journal', async () => {
    const { peers, to, restart } = await group();
    await to(seen(0, 15));
    await restart(names[0]!);
    await restart(witness);
    await to(seen(1, 19));
    expect(peers.get(names[0]!)!.train.settled).toEqual(['0 committed', '1 committed']);
    expect(peers.get(names[0]!)!.train.calls).not.toContain('adopt');
    expect(new Set(bases(peers)).size).toBe(1);
  });

  const moments = [2, 11, 12, 13, 14, 15, 16].map((offset) => [offset] as const);
  it.each(moments)(
    'a miner and the witness that restart at offset %i take part in the round',
    async (offset) => {
      const { hub, peers, to, restart } = await group();
      const alice = peers.get(names[0]!)!;
      await to(seen(0, offset));
      await restart(alice.hotkey);
      await restart(witness);
      await to(seen(0, 19));
      expect(alice.settled.map(({ summary }) => summary)).toMatchObject([
        { round: 0, outcome: 'committed', contributed: true, reason: null },
      ]);
      expect(alice.train.settled).toEqual(['0 committed']);
      expect(alice.train.calls).not.toContain('adopt');
      expect(hub.contradictions).toEqual([]);
      expect(new Set(bases(peers)).size).toBe(1);
      await to(seen(1, 19));
      expect(outcomes(alice)).toEqual(['committed', 'committed']);
    },
  );

  it('a host that crashed after the rename and before it noted so commits once', async () => {
    const { peers, to, restart } = await group();
    await to(seen(0, 16));
    const alice = peers.get(names[0]!)!;
    const pending = await kept(alice, 'pending');
    await to(seen(0, 18));
    expect(alice.train.standing.id).toBe(pending.prepared.resultId);
    await writeFile(join(alice.dataDir, 'rounds', 'pending.json'), JSON.stringify(pending));
    await writeFile(join(alice.dataDir, 'rounds', 'lineage.json'), '[]');
    await restart(names[0]!);
    await to(seen(1, 19));
    expect(alice.train.standing.round).toBe(1);
    expect(new Set(bases(peers)).size).toBe(1);
    const lineage = await kept(alice, 'lineage');
    expect(lineage.map(({ round }: { round: number }) => round)).toEqual([0, 1]);
  });

  it('a member whose disk lost the list of rounds has it from peers again, and nobody else is believed', async () => {
    const { hub, peers, to, restart } = await group();
    await to(seen(1, 19));
    const alice = peers.get(names[0]!)!;
    const lineage = await kept(alice, 'lineage');
    expect(lineage).toHaveLength(2);
    await writeFile(join(alice.dataDir, 'rounds', 'lineage.json'), '[]');
    const liar = peers.get(names[1]!)!;
    hub.sayLineage(liar.hotkey, [
      ...lineage.slice(0, 1),
      { ...lineage[1], round: 7 },
      lineage[1],
      lineage[1],
    ]);
    for (const { hotkey } of peers.values()) if (hotkey !== liar.hotkey) hub.part(alice.hotkey, hotkey, true);
    await restart(alice.hotkey);
    await to(seen(2, 2));
    expect(alice.rounds.lineage).toEqual([]);
    for (const { hotkey } of peers.values()) hub.part(alice.hotkey, hotkey, false);
    hub.sayLineage(liar.hotkey, []);
    await to(seen(2, 4));
    expect(alice.rounds.lineage).toEqual(lineage);
    await to(seen(2, 19));
    expect((await kept(alice, 'lineage')).map(({ round }: { round: number }) => round)).toEqual([0, 1, 2]);
  });

  it.each([
    ['a round opens', seen(0, 19), seen(1, 1)],
    ['the roster comes', seen(0, 11), seen(0, 13)],
    ['a round is settled', seen(0, 16), seen(0, 18)],
  ])('goes on after the journal could not be written while %s', async (_when, from, until) => {
    const { peers, to } = await group();
    const alice = peers.get(names[0]!)!;
    await to(from);
    // A folder where the file should be written: every write of the journal fails.
    const blocked = join(alice.dataDir, 'rounds', 'pending.json');
    await rm(blocked, { force: true });
    await mkdir(blocked);
    const spy = vi.spyOn(console, 'error').mockReturnValue(undefined);
    await to(until);
    expect(spy).toHaveBeenCalledWith(
      'round command failed',
      expect.stringMatching(/^persist /),
      expect.anything(),
    );
    spy.mockRestore();
    await rm(blocked, { recursive: true });
    await to(seen(2, 19));
    expect(alice.settled.map(({ summary }) => summary.round)).toEqual([0, 1, 2]);
    expect(outcomes(alice)?.at(-1)).toBe('committed');
    expect(new Set(bases(peers)).size).toBe(1);
  });

  it('opens no round while finality stands still, and goes on when it is back', async () => {
    const { chain, peers, to } = await group();
    await to(seen(0, 19));
    chain.stallFinality(true);
    await to(START + 30);
    const alice = peers.get(names[0]!)!;
    const opened = alice.train.calls.filter((name) => name === 'openRound').length;
    expect(opened).toBe(1);
    chain.stallFinality(false);
    await to(seen(3, 19));
    expect(outcomes(alice)?.at(-1)).toBe('committed');
    expect(new Set(bases(peers)).size).toBe(1);
  });

  it('keeps the record in the journal before it is sent, and never another for the same round', async () => {
    const { chain, peers, to } = await group();
    await to(seen(0, 14));
    const record = await kept(peers.get(witness)!, 'record');
    expect(record).toMatchObject({ round: 0, outcomeBlock: START + 17 });
    const sent = chain.submitted.filter(({ kind }) => kind === 'setCommitment');
    expect(sent).toHaveLength(1);
    const [call] = sent;
    if (call?.kind !== 'setCommitment') throw new Error('no record');
    expect(Buffer.from(call.fields[0]!).toString('hex')).toContain(record.resultId);
  });

  it('passes pauses on to train and closes what it opened', async () => {
    const { peers, to } = await group();
    await to(seen(0, 3));
    const alice = peers.get(names[0]!)!;
    await alice.rounds.setActive(false);
    expect(alice.train.active).toBe(false);
    const spy = vi.spyOn(console, 'error');
    await alice.rounds.stop();
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  });
});
