import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { peersOf } from '../../../../src-main/shells/control/peers.ts';
import { peersText } from '../../../../src-main/shells/control/peers-text.ts';
import { answerSchema } from '../../../../src-main/shells/control/protocol.ts';
import { CONTROL_PEERS_BYTES, CONTROL_PEERS_MAX } from '../../../../src-main/shells/limits.ts';
import type { PeerView, RunFacts } from '../../../../src-shared/contract/page/runs.ts';
import { emptyRun, emptyView, type View } from '../../../../src-shared/contract/page/sections.ts';
import { ss58 } from '../../../../src-shared/units.ts';

const ME = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const PEER = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

const peer = (over: Partial<PeerView> = {}): PeerView => ({
  ...{ hotkey: PEER, uid: 4, role: 'miner', self: false, connected: true, state: 'training' },
  ...{ link: { rttMs: 31, way: 'relayed', isInbound: false }, upBytesPerS: 1, believedBytesPerS: 1_000_000 },
  ...{ measured: { upBytesPerS: 2_500_000, downBytesPerS: null }, codec: 'int8', ready: null, lateRounds: 0 },
  lastFault: { fault: 'silent', round: 9, atMs: Date.UTC(2026, 10, 30, 22, 5) },
  ...over,
});

const viewOf = (peers: readonly PeerView[]): View => {
  const run = emptyRun({ network: 'practice' } as RunFacts);
  const swarm = { peers, connected: 1, silent: [], upBytesPerS: null, downBytesPerS: null, listening: [] };
  return {
    ...emptyView({ version: '0', shell: 'web', dataDir: '/d', program: 'butterfly' }),
    runs: {
      [ME]: {
        ...run,
        swarm: {
          ...swarm,
          reachability: null,
          uplink: { codec: 'fp16', tiers: [], exchangeMs: 1, measured: null },
        },
      },
    },
  };
};

describe('peers at a terminal', () => {
  it('read as a table, with a dash for what is not known, those first that are connected', () => {
    const away = peer({ hotkey: ME, uid: null, connected: false, state: 'away', link: null });
    const unknown = { measured: null, believedBytesPerS: null, codec: null, lastFault: null };
    const text = peersText(peersOf(viewOf([{ ...away, ...unknown }, peer()]), null));
    expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['5DfhGy…qRzV on practice: 1 of 2 peers connected; rates in Mbit/s'],
      [''],
      ['PEER', 'UID', 'STATE', 'MS', 'WAY', 'UP', 'DOWN', 'COUNTED ON', 'SENDS IN', 'LAST FAULT'],
      [
        ...['5Grwva…utQY', '4', 'training', '31', 'relayed', '20.0', '-', '8.0', 'int8'],
        'Silent in the exchange. Round 9. 2026-11-30T22:05Z.',
      ],
      ['5DfhGy…qRzV', '-', 'away', '-', '-', '-', '-', '-', '-', '-'],
    ]);
  });

  it('leave out oneself, and other runs than the one that is asked for', () => {
    expect(peersOf(viewOf([peer({ self: true })]), null)[0]?.known).toBe(0);
    expect(peersOf(viewOf([peer()]), PEER)).toEqual([]);
    expect(peersText([])).toBe('No run is under way.');
  });

  it('are told up to a bound that an answer holds, and how many are left', () => {
    const many = Array.from({ length: CONTROL_PEERS_MAX + 5 }, () =>
      peer({ lastFault: { fault: 'result-contributors', round: 2 ** 52, atMs: 2 ** 50 }, uid: 65_535 }),
    );
    const runs = peersOf(viewOf(many), null);
    const answer = JSON.stringify({ kind: 'peers', runs });
    expect(answer.length).toBeLessThan(CONTROL_PEERS_BYTES);
    expect(v.is(answerSchema, JSON.parse(answer))).toBe(true);
    expect(peersText(runs)).toContain('… and 5 more.');
  });
});
