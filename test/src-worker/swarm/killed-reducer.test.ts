import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ss58 } from '../../../src-shared/units.ts';
import { FrameReader, frameTypes } from '../../../src-worker/swarm/reduce/frames.ts';
import { begin, butterflyOf, call, dropGroups, type Group, group, never } from './butterfly-group.ts';
import { played, playTime } from './played-time.ts';
import { plainDisk } from './round.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const isLong = Boolean(process.env.BUTTERFLY_LONG);

/** What the first member signed of each chunk, whoever heard it, in all its lives. */
function signedBy(g: Group, first: Ss58, onAnswer: () => void): Map<number, Set<string>> {
  const said = new Map<number, Set<string>>();
  for (const { hotkey } of g.members.slice(1))
    g.world.tamper(first, hotkey, 'reduce', (bytes, deliver) => {
      const [frame] = new FrameReader(g.grid, 'first').push(bytes);
      if (frame?.type === frameTypes.result || frame?.type === frameTypes.none) {
        const before = said.get(frame.chunk) ?? new Set();
        said.set(frame.chunk, before.add(Buffer.from(frame.payload).toString('hex')));
        onAnswer();
      }
      deliver(bytes);
    });
  return said;
}

/**
 * Its host is killed when it is about to make this change to its disk, or has signed so many answers; then it starts
 * again. In its first life it hears one of the two others alone, so that what it sums anew would be something else.
 * @returns whether it came so far at all
 */
async function killedAt(moment: { readonly change?: number; readonly answer?: number }): Promise<boolean> {
  let [changes, answers] = [0, 0];
  const killed = Promise.withResolvers<void>();
  const disk = plainDisk(() => {
    if (changes++ < (moment.change ?? Number.POSITIVE_INFINITY)) return;
    killed.resolve();
    throw new Error('killed');
  });
  const g = await group(3, { elements: 384, chunkElements: 64, disk: (i) => (i === 0 ? disk : undefined) });
  const [first, , third] = g.members.map(({ hotkey }) => hotkey) as [Ss58, Ss58, Ss58];
  const said = signedBy(g, first, () => {
    if (++answers === moment.answer) killed.resolve();
  });
  let isDeaf = true;
  g.world.tamper(third, first, 'reduce', (bytes, deliver) => {
    if (!isDeaf) deliver(bytes);
  });
  const inOthers = begin(g, [1, 2]);
  const life = g.butterflies[0]!.reduce(call(g), never).catch(() => null);
  const wasKilled = await played(
    Promise.race([killed.promise.then(() => true), Promise.all([life, inOthers]).then(() => false)]),
  );
  if (wasKilled) {
    g.world.kill(first);
    await played(g.butterflies[0]!.stop().catch(() => undefined));
    await played(life);
    isDeaf = false;
    g.butterflies[0] = butterflyOf(g, 0);
    await played(Promise.all([g.butterflies[0]!.reduce(call(g), never), inOthers]));
  }
  expect(said.size).toBeGreaterThan(0);
  for (const [chunk, answer] of said) expect([chunk, answer.size]).toEqual([chunk, 1]);
  await dropGroups();
  return wasKilled;
}

it.each(['change', 'answer'] as const)(
  'a reducer whose host is killed at any %s signs of no chunk two things',
  async (what) => {
    let at = 1;
    while (await killedAt({ [what]: at })) at += isLong ? 1 : 4;
    expect(at).toBeGreaterThan(4);
  },
);
