import { describe, expect, it } from 'vitest';
import { AuditBlocks } from '../../../src-main/rounds/audit-blocks.ts';
import { auditLine } from '../../../src-main/rounds/audit-line.ts';
import { outByAudits } from '../../../src-main/rounds/audit-steps.ts';
import { AUDIT_LIMIT_MS } from '../../../src-main/rounds/limits.ts';
import type { RoundInput } from '../../../src-main/rounds/round-state.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  bench,
  digestOf,
  kinds,
  miners,
  readyOf,
  report,
  rosterOf,
  START,
  standingOn,
  witness,
} from './machine-bench.ts';

const result = digestOf('result');
const OUTCOME = START + 17;
const asked = { kind: 'audit', round: 0, rosterDigest: rosterDigest(rosterOf()), outcomeBlock: OUTCOME };
const audited = (verdict: 'passed' | 'failed' | 'later', withheld: readonly Ss58[] = []): RoundInput => ({
  kind: 'audited',
  round: 0,
  verdict,
  withheld,
});

/** A witness that has just prepared its base, and what it did then. */
function prepared(hotkey = witness) {
  const at = bench(hotkey);
  at.toListed();
  at.feed({ kind: 'resultsTaken', round: 0, report: report(1) });
  const commands = at.feed({
    kind: 'prepared',
    round: 0,
    prepared: { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId: result },
  });
  const hear = () =>
    miners.flatMap((miner) => at.feed({ kind: 'result', hotkey: miner, round: 0, resultId: result }));
  return { at, commands, hear };
}

describe('a witness before its vote', () => {
  it('looks at the round as soon as it has prepared its base, and votes when nothing was found', () => {
    const { at, commands, hear } = prepared();
    expect(commands).toContainEqual(asked);
    expect(hear()).toEqual([]);
    expect(kinds(at.feed(audited('passed')))).toEqual(['writeRecord']);
    expect(at.feed(audited('passed'))).toEqual([]);
  });

  it('does not vote where a result was wrong, whatever the members report', () => {
    const { at, hear } = prepared();
    at.feed(audited('failed'));
    expect(hear()).toEqual([]);
    expect(kinds(at.block(OUTCOME - 1))).toEqual([]);
    // What is told again changes nothing.
    expect(at.feed(audited('passed'))).toEqual([]);
  });

  it('asks again at the next block while none has come by which chunks are drawn', () => {
    const { at, hear } = prepared();
    at.feed(audited('later'));
    expect(at.block(START + 14)).toEqual([asked]);
    expect(hear()).toEqual([]);
    expect(kinds(at.feed(audited('passed')))).toEqual(['writeRecord']);
  });

  it('does not vote on a round of which another witness has shown a wrong result', () => {
    const { at, hear } = prepared();
    at.feed(audited('passed'));
    at.feed({ kind: 'fraud', hotkey: miners[1]!, round: 0 });
    expect(hear()).toEqual([]);
  });

  it('votes whatever was shown of rounds before', () => {
    const { at, hear } = prepared();
    at.feed(audited('passed'));
    at.feed({ kind: 'fraud', hotkey: miners[1]!, round: -1 });
    expect(kinds(hear())).toEqual(['writeRecord']);
  });

  it('leaves it to the witnesses', () => {
    expect(kinds(prepared(miners[0]).commands)).toEqual(['persist', 'announceResult']);
  });
});

describe('who was proven to have lied', () => {
  it('has no weight in any roster that this witness composes', () => {
    const at = bench(witness);
    at.feed({ kind: 'fraud', hotkey: miners[1]!, round: 0 });
    // A check that it passes does not help it.
    at.feed({ kind: 'checked', hotkey: miners[1]!, passed: true });
    at.toReady();
    for (const hotkey of miners) at.feed({ kind: 'ready', ready: readyOf(hotkey) });
    const roster = at.state.current?.proposal;
    expect(roster?.members.find(({ hotkey }) => hotkey === miners[1])).toMatchObject({
      weight: 0,
      chunkCount: 0,
    });
    expect(roster?.members.filter(({ weight }) => weight > 0)).toHaveLength(miners.length - 1);
  });

  it('stays out in the rounds after', () => {
    const at = bench(witness);
    at.feed({ kind: 'fraud', hotkey: miners[1]!, round: -1 });
    at.toPrepared(result);
    at.block(OUTCOME);
    at.feed({ kind: 'outcome', round: 0, outcome: { kind: 'void' } });
    at.feed({ kind: 'settled', round: 0, standing: standingOn(digestOf('genesis'), -1) });
    expect(at.state.frauds).toEqual(new Set([miners[1]]));
  });
});

describe('who signed a result and kept back what it had put into it', () => {
  it('is without weight in the next round, and in no other', () => {
    const { at } = prepared();
    at.feed(audited('passed', [miners[2]!]));
    expect([0, 1, 2].map((round) => outByAudits(at.state, round))).toEqual([[], [miners[2]], []]);
  });

  it('is named in the one line that the log has of an audit', () => {
    const found = { drawn: 5, fine: 2, notAudited: 2, foreign: [], withheld: [miners[2]!], frauds: [] };
    expect(auditLine(7, found)).toBe(
      `audit of round 7: 5 drawn, 2 fine, 2 not audited, 1 wrong; withheld what it had put into its own result: ${miners[2]}`,
    );
    expect(auditLine(7, 'TIMEOUT')).toBe('audit of round 7: not done, TIMEOUT');
  });
});

describe('the block that draws', () => {
  const block = (number: number) => ({ number, hash: digestOf(`${number}`), seenAtMs: 0 });
  const at = { round: 3, outcomeBlock: 117, blockMs: 1_000, nowMs: 0 };
  const noted = (number: number) => {
    const blocks = new AuditBlocks();
    blocks.note(3, digestOf('list'), block(number));
    return blocks;
  };

  it('is one that came after the results', () => {
    const blocks = noted(113);
    expect(blocks.plan(block(113), at)).toBe('later');
    expect(blocks.plan(block(114), at)).toEqual({ block: block(114), limitMs: 2_000 });
  });

  it('is the next one where a restart forgot when the results came', () => {
    const blocks = new AuditBlocks();
    expect(blocks.plan(block(110), at)).toBe('later');
    expect(blocks.plan(block(111), at)).toEqual({ block: block(111), limitMs: 5_000 });
  });

  it('is not waited for where a vote would come too late after it', () => {
    expect(noted(114).plan(block(114), at)).toBe('later');
    expect(noted(115).plan(block(115), at)).toBe('none');
    expect(noted(114).plan(block(116), at)).toBe('none');
    expect(noted(114).plan(null, { ...at, outcomeBlock: 1 })).toBe('none');
  });

  it('comes after the list that counts, not after one before it', () => {
    const blocks = noted(113);
    blocks.note(3, digestOf('list'), block(114));
    expect(blocks.plan(block(114), at)).toEqual({ block: block(114), limitMs: 2_000 });
    blocks.note(3, digestOf('another list'), block(114));
    expect(blocks.plan(block(114), at)).toBe('later');
  });

  it('leaves an audit less the longer it has stood, so that the vote still finds its block', () => {
    expect(noted(113).plan(block(114), { ...at, nowMs: 900 })).toMatchObject({ limitMs: 1_100 });
    expect(noted(113).plan(block(115), { ...at, nowMs: 1_000 })).toBe('none');
    // A wall clock that was set back, or a block that is late, moves it by one block at most.
    expect(noted(113).plan(block(114), { ...at, nowMs: -5_000 })).toMatchObject({ limitMs: 2_000 });
    expect(noted(113).plan(block(114), { ...at, nowMs: 90_000 })).toMatchObject({ limitMs: 1_000 });
  });

  it('leaves an audit its own limit at most', () => {
    const long = { ...at, outcomeBlock: 200, blockMs: 12_000 };
    expect(noted(100).plan(block(101), long)).toMatchObject({ limitMs: AUDIT_LIMIT_MS });
  });
});
