import { expect, it } from 'vitest';
import { statusText } from '../../../../src-main/shells/control/status-text.ts';
import { hex } from '../../../../src-shared/units.ts';

const run = {
  hotkey: '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV',
  network: 'practice',
  profile: 'practice',
  role: 'miner',
  mark: 'PRACTICE',
  state: 'training',
  pausedUntilMs: null,
  pausedFor: null,
  why: null,
  round: 7,
  committed: 6,
  rounds: 7,
  loss: 5.25,
  heldOutLoss: null,
  todayAlphaRao: '1500000000',
  reachability: null,
  successor: null,
};

it('a status reads as a table, with a dash for what is not known', () => {
  const text = statusText({
    version: '0.1.0',
    pid: 5,
    dataDir: '/d',
    rulesAsideUntilMs: null,
    runs: [run, { ...run, todayAlphaRao: null }],
  });
  expect(
    text
      .split('\n')
      .slice(2)
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['RUN', 'NETWORK', 'ROLE', 'STATE', 'ROUND', 'COMMITTED', 'LOSS', 'HELD OUT', 'ALPHA TODAY'],
    ['5DfhGy…qRzV', 'practice', 'miner', 'training', '7', '6 of 7', '5.250', '-', '1.5000'],
    ['5DfhGy…qRzV', 'practice', 'miner', 'training', '7', '6 of 7', '5.250', '-', '-'],
  ]);
});

it('a host without a run says that', () => {
  expect(
    statusText({ version: '0.1.0', pid: 5, dataDir: '/d', rulesAsideUntilMs: null, runs: [] }),
  ).toContain('No run is under way.');
});

it('says below the table why a run rests, and that the house rules are set aside', () => {
  const why = 'This computer runs on battery. Goes on by itself on mains power.';
  const text = statusText({
    version: '0.1.0',
    pid: 5,
    dataDir: '/d',
    rulesAsideUntilMs: new Date().setHours(23, 30, 0, 0),
    runs: [run, { ...run, state: 'paused', pausedFor: 'battery', why }],
  });
  expect(text.split('\n').slice(-2)).toEqual([
    `5DfhGy…qRzV: ${why}`,
    'The house rules are set aside until 23:30.',
  ]);
});

it('says what takes over from a run, in one line whatever its author called it', () => {
  const successor = { name: 'next\nrun', hash: hex('ab'.repeat(32)), afterRound: 9, changes: [] };
  const host = { version: '0.1.0', pid: 5, dataDir: '/d', rulesAsideUntilMs: null };
  const text = statusText({ ...host, runs: [{ ...run, successor }] });
  expect(text).toMatch(/“next run” takes over from it/);
});

it('says below the table whether others reach a run, and what would help', () => {
  const reachability = {
    ...({ state: 'blocked', address: null, testedAtMs: 1, asked: 3, reached: 0 } as const),
    mapping: { state: 'refused', by: null, address: null, refusal: 606 } as const,
    ...{ relays: [], isRelay: false, relayPlaces: 0, direct: 3, relayed: 0 },
  };
  const text = statusText({
    ...{ version: '0.1.0', pid: 5, dataDir: '/d', rulesAsideUntilMs: null },
    runs: [{ ...run, reachability }],
  });
  expect(text.split('\n').at(-1)).toBe(
    '5DfhGy…qRzV: not reached from outside. 0 of 3 members reached it, and no member passes bytes on to it. The router refuses to open the port (its number: 606). Open the port for peers in the router, or choose another port in the settings; then test again.',
  );
});
