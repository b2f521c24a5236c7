import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hex } from '../../../src-shared/units.ts';
import { Control } from '../../../src-worker/swarm/control/control.ts';
import { MemoryWorld } from './memory-network.ts';
import { played, playFor, playTime } from './played-time.ts';
import { testMember, ZERO } from './round.ts';

const runTag = hex('0123456789abcdef');

beforeEach(playTime);
afterEach(() => void vi.useRealTimers());

/** Two peers, of which the second takes nothing on the first `refused` streams. */
async function pair(refused: number) {
  const members = await Promise.all([testMember(1), testMember(2)]);
  const world = new MemoryWorld();
  const [network, other] = members.map(({ hotkey, key }) => world.join(hotkey, key.publicKey));
  const heard = Promise.withResolvers<number>();
  let tries = 0;
  const silent = {
    onSaid: () => {},
    onRoster: () => {},
    onProposal: () => {},
    onResults: () => {},
    onResultsProposal: () => {},
    onContradiction: () => {},
  };
  const events = {
    ...silent,
    onSaid: ({ body }: { readonly body: { readonly round: number } }) => heard.resolve(body.round),
  };
  const controls = [
    new Control({ network: network!, runTag, sign: members[0]!.key.sign, events: silent }),
    new Control({ network: other!, runTag, sign: members[1]!.key.sign, events: events as never }),
  ];
  const hotkeys = new Set(members.map(({ hotkey }) => hotkey));
  for (const control of controls) control.setMembers(hotkeys, new Set());
  world.tamper(members[0]!.hotkey, members[1]!.hotkey, 'control', (bytes, deliver) => {
    if (tries++ >= refused) deliver(bytes);
  });
  const drop = async () => {
    for (const control of controls) control.stop();
    for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
  };
  return { says: controls[0]!, heard: heard.promise, tries: () => tries, drop };
}

const result = (round: number) => ({ round, resultId: ZERO, baseDigest: ZERO });

it('a word that a full uplink keeps back is said until it is heard', async () => {
  const { says, heard, tries, drop } = await pair(7);
  says.say('result', result(4));
  expect(await played(heard)).toBe(4);
  expect(tries()).toBe(8);
  await drop();
});

it('a word that stands no more is said no more', async () => {
  const { says, tries, drop } = await pair(Number.POSITIVE_INFINITY);
  says.say('result', result(4));
  await playFor(20_000);
  says.say('result', result(5));
  await playFor(20_000);
  const before = tries();
  await playFor(40_000);
  // One word is left to be said: once in the limit and the longest pause.
  expect(tries() - before).toBeLessThanOrEqual(40_000 / 9_000 + 1);
  await drop();
});
