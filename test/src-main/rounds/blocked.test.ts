import { expect, it } from 'vitest';
import { bench, digestOf, facts, genesis, kinds, miners, readyOf, START, witness } from './machine-bench.ts';

const [alice] = miners as [(typeof miners)[0]];
const result = digestOf('result');
const OUTCOME = START + 17;
const vote = { round: 0, parentId: genesis, resultId: result, lastBlock: OUTCOME };
const block = (isBlocked: boolean) => ({ kind: 'blocked', isBlocked }) as const;

/** A witness that holds the new base, with the word of all others on it. */
function agreed() {
  const at = bench(witness);
  at.toPrepared(result);
  return {
    at,
    hear: () => miners.map((hotkey) => at.feed({ kind: 'result', hotkey, round: 0, resultId: result })),
  };
}

it('contributes nothing while its hotkey speaks elsewhere, and says why', () => {
  const at = bench(alice);
  at.block(START);
  at.feed({ kind: 'facts', round: 0, facts: facts() });
  at.feed({ kind: 'opened', round: 0 });
  at.feed(block(true));
  expect(at.block(START + 12)).toEqual([]);
  expect(at.state.current?.missed).toEqual({ code: 'elsewhere', params: {} });
});

it('proposes no roster', () => {
  const at = bench(witness);
  at.toReady();
  at.feed(block(true));
  for (const hotkey of miners) at.feed({ kind: 'ready', ready: readyOf(hotkey) });
  expect(at.block(START + 13)).toEqual([]);
  at.feed(block(false));
  expect(kinds(at.block(START + 14))).toContain('proposeRoster');
});

it('writes no record, and writes it when the word is its own again in time', () => {
  const { at, hear } = agreed();
  at.feed(block(true));
  expect(hear().flat()).toEqual([]);
  at.feed(block(false));
  expect(hear()[0]).toEqual([{ kind: 'writeRecord', record: vote }]);
});

it('does not send a record again that was on its way', () => {
  const { at, hear } = agreed();
  hear();
  at.feed({ kind: 'recordSent', record: vote, isDone: false });
  at.feed(block(true));
  expect(at.block(START + 15)).toEqual([]);
  at.feed(block(false));
  expect(at.block(START + 16)).toEqual([{ kind: 'writeRecord', record: vote }]);
});

it('names no base in a record of its own', () => {
  const round = 6;
  const first = START + 20 * round;
  const opening = facts(null, {
    ownRecord: { round: 0, parentId: genesis, resultId: null, tag: '' } as never,
  });
  const opened = (isBlocked: boolean) => {
    const at = bench(witness);
    at.feed(block(isBlocked));
    at.block(first);
    return kinds(at.feed({ kind: 'facts', round, facts: opening }));
  };
  expect(opened(false)).toContain('writeRecord');
  expect(opened(true)).not.toContain('writeRecord');
});

it('says nothing again to a swarm that came back', () => {
  const at = bench(alice);
  at.toReady();
  at.feed(block(true));
  expect(kinds(at.feed({ kind: 'swarmRestarted' }))).toEqual([]);
});
