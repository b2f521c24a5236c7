import { describe, expect, it } from 'vitest';
import { seededOrder } from '../../../src-shared/rounds/proposer.ts';
import { rosterDigest as digestOfRoster } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  addressOf,
  type Bench,
  bench,
  consensus,
  digestOf,
  kinds,
  miners,
  pendingRound,
  readyOf,
  report,
  rosterOf,
  START,
  witness,
} from './machine-bench.ts';

/** What one of three witnesses does for the results list when its own turn has come. */
const order = seededOrder([witness, addressOf('wanda'), addressOf('xaver')], digestOf('block'), 'propose');
const roster = rosterOf();
const rosterDigest = digestOfRoster(roster);
const ROSTER_AT = START + 8;
const { exchangeBlocks, silentListBlocks } = consensus.reduce;
const OUTCOME = START + 17;

/** In which so many witnesses' turns have come. */
const turnBlock = (turns: number): number => ROSTER_AT + exchangeBlocks + (turns - 1) * silentListBlocks;

/** Its exchange ends in that block. */
function reduced(hotkey: Ss58, block: number): Bench {
  const pending = pendingRound({
    ...{ witnesses: order, ready: readyOf(hotkey), proposed: true, roster, rosterDigest },
    ...{ drawn: true, rosterAtBlock: ROSTER_AT },
  });
  const at = bench(hotkey, { pending });
  at.block(block);
  return at;
}

const listOf = (proposer: Ss58) => ({
  ...{ round: 0, rosterDigest, resultsDigest: digestOf(`list of ${proposer}`) },
  proposer,
});
const propose = (at: Bench, proposer: Ss58) => at.feed({ kind: 'resultsProposal', vote: listOf(proposer) });
const [first, second] = order as [Ss58, Ss58];
const ownList = { kind: 'resultsComposed', round: 0, resultsDigest: null } as const;

describe('a witness whose own turn has come', () => {
  it('and that can make no list signs the one of a later proposer', () => {
    const at = reduced(first, turnBlock(2));
    expect(kinds(at.feed({ kind: 'reduced', round: 0, report: report(1) }))).toEqual(['composeResults']);
    expect(at.feed(ownList)).toEqual([]);
    expect(propose(at, second)).toContainEqual({ kind: 'signResults', vote: listOf(second) });
    expect(at.block(turnBlock(2) + 1)).toEqual([]);
  });

  it('and that is still writing its own list down signs the other one, and no second', () => {
    const at = reduced(first, turnBlock(2));
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    expect(kinds(propose(at, second))).toEqual(['persist', 'signResults']);
    expect(at.feed({ ...ownList, resultsDigest: digestOf('own') })).toEqual([]);
  });

  it('and that wakes late signs what was proposed meanwhile, and makes none of its own', () => {
    const at = reduced(first, turnBlock(2));
    propose(at, second);
    expect(at.feed({ kind: 'reduced', round: 0, report: report(1) })).toContainEqual({
      kind: 'signResults',
      vote: listOf(second),
    });
  });

  it('does not sign one whose turn has not come', () => {
    const at = reduced(first, turnBlock(1));
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    at.feed(ownList);
    expect(kinds(propose(at, second))).not.toContain('signResults');
  });
});

it('what a restarted swarm no longer holds is not signed before it says again that it does', () => {
  const at = reduced(second, turnBlock(1) - 1);
  propose(at, first);
  at.feed({ kind: 'failed', command: 'reduce', code: 'CHILD_EXITED' });
  at.feed({ kind: 'swarmRestarted' });
  expect(at.feed({ kind: 'reduced', round: 0, report: report(1) })).toEqual([]);
  expect(kinds(propose(at, first))).toEqual(['persist', 'signResults']);
});

describe('a list that comes when it is too late for a vote', () => {
  const name = { round: 0, rosterDigest, resultsDigest: digestOf('results') };

  it('is still taken before the outcome, by who had given it up too', () => {
    const at = reduced(miners[0]!, turnBlock(1));
    at.feed({ kind: 'reduced', round: 0, report: report(1) });
    at.block(OUTCOME - 1);
    expect(at.state.current?.missed?.code).toBe('no-list');
    expect(kinds(at.feed({ kind: 'resultsList', name }))).toEqual(['persist', 'takeResults']);
    expect(at.state.current?.missed).toBeNull();
  });

  it('is nothing for who failed in the exchange', () => {
    const at = reduced(miners[0]!, turnBlock(1));
    at.feed({ kind: 'failed', command: 'reduce', code: 'TIMEOUT' });
    expect(at.feed({ kind: 'resultsList', name })).toEqual([]);
  });
});
