import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../../src-main/rounds/journal.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { cutEverywhere } from '../../power-cut.ts';
import { digestOf, miners, pendingRound, readyOf, report, rosterOf, witness } from './machine-bench.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = () => openJournal(folder, (error) => expect.unreachable(error.code));

describe('the journal of rounds', () => {
  it('keeps all that a round needs to be taken up', async () => {
    const roster = rosterOf();
    const pending = pendingRound({
      medianNorm: 1.5,
      ready: readyOf(miners[0]!),
      proposed: true,
      proposal: roster,
      roster,
      drawn: true,
      rosterDigest: rosterDigest(roster),
      report: report(1),
      prepared: {
        baseDigest: digestOf('base'),
        resultsDigest: digestOf('results'),
        resultId: digestOf('result'),
      },
    });
    const journal = await open();
    await journal.savePending(pending);
    expect((await open()).pending).toEqual(pending);
  });

  it('of an older version is read: what it does not know had not come so far, and its roster stands', async () => {
    const old = {
      round: 3,
      outcomeBlock: 77,
      blockHash: digestOf('block'),
      witnesses: [witness],
      drawn: true,
      rosterDigest: digestOf('roster'),
      prepared: null,
    };
    await writeFile(join(folder, 'pending.json'), JSON.stringify(old));
    expect((await open()).pending).toEqual({
      ...pendingRound({ ...old, proposed: true }),
      coldkeys: [],
    });
  });

  it('knows every list of results that was signed, whenever the power goes', async () => {
    const rosterDigest = digestOf('roster');
    const vote = { round: 0, rosterDigest, resultsDigest: digestOf('results'), proposer: witness };
    const signing = pendingRound({ rosterDigest, signedResults: vote });
    const before = pendingRound({ rosterDigest });
    const changes = await cutEverywhere(
      async () => {
        await (await open()).savePending(before);
        return { signed: [] as (typeof vote)[] };
      },
      async ({ signed }) => {
        await (await open()).savePending(signing);
        signed.push(vote);
      },
      async ({ signed }) => {
        const { pending } = await open();
        expect([null, vote]).toContainEqual(pending?.signedResults);
        if (signed.length > 0) expect(pending?.signedResults).toEqual(vote);
      },
    );
    expect(changes).toBeGreaterThan(1);
  });

  it('holds one vote a round: the first one', async () => {
    const vote = { round: 3, parentId: digestOf('a'), resultId: digestOf('b'), outcomeBlock: 77 };
    const journal = await open();
    expect(await journal.saveRecord(vote)).toEqual(vote);
    expect(await journal.saveRecord({ ...vote, resultId: digestOf('c') })).toEqual(vote);
    expect((await open()).record).toEqual(vote);
  });
});
