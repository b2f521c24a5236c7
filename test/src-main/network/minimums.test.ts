import { expect, it } from 'vitest';
import { readMinimums, USUAL_LEAST_RAO } from '../../../src-main/network/reads/minimums.ts';
import type { Session } from '../../../src-main/network/session.ts';
import { hex } from '../../../src-shared/units.ts';

const { signal } = new AbortController();
/** A runtime of which only its constants are asked. */
const read = (subtensorModule: Record<string, unknown> | undefined) =>
  readMinimums(
    { api: { consts: { subtensorModule }, query: {} } } as unknown as Session,
    hex('00'.repeat(32)),
    signal,
  );

it('the least order is what the chain tells, else what Subtensor has always held to, and that is said', async () => {
  expect(await read({ initialMinStake: 500_000 })).toEqual({
    ...{ leastRao: 500_000n, isTold: true, nominationRao: 0n },
  });
  const usual = { leastRao: USUAL_LEAST_RAO, isTold: false, nominationRao: 0n };
  expect(await read({ initialTempo: 360 })).toEqual(usual);
  expect(await read(undefined)).toEqual(usual);
});

it('a least that is no amount is an answer that means nothing', async () => {
  await expect(read({ initialMinStake: 'much' })).rejects.toMatchObject({ code: 'CHAIN_ANSWER_MALFORMED' });
});
