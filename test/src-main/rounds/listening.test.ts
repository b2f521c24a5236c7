import { expect, it, onTestFinished } from 'vitest';
import { type ListenRequest, listen } from '../../../src-main/rounds/listening.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { bench, START, witness } from './machine-bench.ts';

/** Chain and `swarm` as far as they are listened to; every question to `swarm` is answered by that. */
function listening(answer: () => Promise<unknown>) {
  const chain = listeners<{ finalized: { readonly number: number } }>();
  const [taken, work] = [[] as unknown[], [] as Promise<unknown>[]];
  const stop = listen({
    chain: { ...chain, head: null, finalized: null },
    swarm: { on: () => () => undefined, call: answer },
    clock: bench(witness).setup.consensus.clock,
    driver: {
      state: { start: START },
      take: (input: unknown) => taken.push(input),
      track: (one: Promise<unknown>) => work.push(one),
    },
    members: { refresh: () => undefined, setRound: () => undefined },
    pace: { note: () => undefined },
    elapsedMs: () => 0,
    signal: new AbortController().signal,
    told: () => undefined,
  } as unknown as ListenRequest);
  onTestFinished(stop);
  async function block(number: number): Promise<void> {
    chain.emit('finalized', { number });
    await Promise.all(work);
  }
  return { block, frauds: () => taken.filter((one) => (one as { kind: string }).kind === 'fraud') };
}

it('who was proven to have lied before is asked for until swarm answers, and once', async () => {
  const fraud = { kind: 'fraud', hotkey: 'liar', round: 3 };
  let asked = 0;
  const at = listening(async () => {
    if (++asked === 1) throw new AppError('TIMEOUT', { what: 'frauds', limitMs: 1 });
    return [{ accused: 'liar', round: 3 }];
  });
  await at.block(START);
  expect(at.frauds()).toEqual([]);
  await at.block(START + 1);
  await at.block(START + 2);
  expect([asked, at.frauds()]).toEqual([2, [fraud]]);
});
