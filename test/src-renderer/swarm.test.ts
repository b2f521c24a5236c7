import { describe, expect, it } from 'vitest';
import { amissWords, fateSentences, faultSentence } from '../../src-renderer/state/fault-words.ts';
import { peerList } from '../../src-renderer/state/peer-list.ts';
import { behind, withOlder } from '../../src-renderer/state/round-parts.ts';
import { uplinkSentence } from '../../src-renderer/state/uplink-words.ts';
import { nextStep } from '../../src-renderer/state/why-words.ts';
import type { PeerView, RoundsPart, UplinkView } from '../../src-shared/contract/page/runs.ts';
import type { GroupMember } from '../../src-shared/contract/swarm.ts';
import { ss58 } from '../../src-shared/units.ts';

const fine: GroupMember = {
  hotkey: ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'),
  ...{ takenShare: 1, returnedShare: 1, stoodIn: 0, error: null },
};

describe('words of what was seen of a peer', () => {
  it('say when, as far as that is known', () => {
    const at = { fault: 'silent', round: 7, atMs: 0 } as const;
    expect(faultSentence(at, 120_000)).toBe('Silent in the exchange. Round 7, 2 min ago.');
    expect(faultSentence({ ...at, atMs: null }, 0)).toBe('Silent in the exchange. Round 7.');
    expect(faultSentence({ ...at, round: null }, 120_000)).toBe('Silent in the exchange. 2 min ago.');
    expect(faultSentence({ ...at, round: null, atMs: null }, 0)).toBe('Silent in the exchange.');
  });

  it('round no share up to all of it', () => {
    expect(fateSentences({ ...fine, takenShare: 0.9999 })).toEqual([
      '99 % of it arrived in time, the rest was late.',
    ]);
    expect(fateSentences(fine)).toEqual(['All of it arrived in time.']);
  });

  it('say nothing of a contribution that there is none of', () => {
    expect(fateSentences({ ...fine, takenShare: null, returnedShare: null })).toEqual([]);
    expect(fateSentences({ ...fine, takenShare: null, returnedShare: 0.5, stoodIn: 1 })).toEqual([
      'It returned 50 % of its part.',
      'It stood in for another with 1 piece.',
    ]);
  });

  it('are short in a list', () => {
    expect(
      amissWords(
        [
          { ...fine, error: 'silent' },
          { ...fine, takenShare: 0.5, hotkey: ss58('5Me') },
        ],
        '5Me',
      ),
    ).toBe('Amiss: 5Grw…utQY (silent in the exchange), you (50 % in time).');
  });
});

describe('the list of peers', () => {
  const peer = (hotkey: string, over: Partial<PeerView> = {}): PeerView => ({
    ...{ hotkey: ss58(hotkey), uid: null, role: 'miner', self: false, connected: true, link: null },
    ...{ upBytesPerS: null, believedBytesPerS: null, measured: null, codec: null, lastFault: null },
    ...{ ready: null, lateRounds: 0, state: 'training' },
    ...over,
  });
  const rates = (upBytesPerS: number) => ({ upBytesPerS, downBytesPerS: null });
  const peers = [
    peer('5Fast', { measured: rates(9), uid: 12 }),
    peer('5Unknown', { uid: 1, state: 'away' }),
    peer('5Slow', { measured: rates(2), uid: 2 }),
    peer('5Me', { self: true, uid: 40 }),
  ];
  const names = (rows: ReturnType<typeof peerList>) => rows.map((row) => row.peer.hotkey);

  it('begins with this computer, and then goes by uid', () => {
    expect(names(peerList(peers, { text: '', sorting: null }))).toEqual([
      '5Me',
      '5Unknown',
      '5Slow',
      '5Fast',
    ]);
  });

  it('puts what is not known last, whichever way it is sorted', () => {
    const by = (isDown: boolean) => names(peerList(peers, { text: '', sorting: { by: 'up', isDown } }));
    expect(by(true).slice(0, 2)).toEqual(['5Fast', '5Slow']);
    expect(by(false).slice(0, 2)).toEqual(['5Slow', '5Fast']);
  });

  it.each([
    ['slo', ['5Slow']],
    ['1', ['5Unknown']],
    [' not connected ', ['5Unknown']],
    ['training', ['5Me', '5Slow', '5Fast']],
    ['nobody', []],
  ])('finds by %s', (text, found) => {
    expect(names(peerList(peers, { text, sorting: null }))).toEqual(found);
  });
});

describe('what an uplink carries, in words', () => {
  const uplink = (upBytesPerS: number | null): UplinkView => ({
    codec: 'fp16',
    tiers: [
      { codec: 'fp16', bytes: 100_000_000 },
      { codec: 'int4', bytes: 30_000_000 },
    ],
    exchangeMs: 100_000,
    measured: upBytesPerS === null ? null : { upBytesPerS, downBytesPerS: null },
  });

  it.each([
    [2_000_000, 'At 16.0 Mbit/s up, all of your contribution arrives in time, in half precision'],
    [
      762_500,
      'At 6.1 Mbit/s up, 61 % of your contribution would arrive in time in half precision; in 4 bits all',
    ],
    [
      1_249_000,
      'At 10.0 Mbit/s up, 99 % of your contribution would arrive in time in half precision; in 4 bits',
    ],
    [374_900, 'At 3.0 Mbit/s up, 99 % of your contribution arrives in time in 4 bits, the leanest form'],
    [100_000, 'At 0.8 Mbit/s up, 27 % of your contribution arrives in time in 4 bits, the leanest form'],
    [null, 'Your uplink is not measured yet.'],
    [0, 'Your uplink is not measured yet.'],
  ])('at %s bytes a second', (rate, said) => {
    expect(uplinkSentence(uplink(rate))).toContain(said);
  });
});

describe('rounds gone by', () => {
  const round = (n: number) => ({ round: n }) as RoundsPart['rounds'][number];
  const part = (from: number, to: number, before: number | null): RoundsPart => ({
    rounds: Array.from({ length: from - to + 1 }, (_, i) => round(from - i)),
    before,
  });
  const numbers = (one: RoundsPart) => one.rounds.map((summary) => summary.round);

  it('keep older ones that were read when newer ones come', () => {
    const joined = withOlder(part(10, 8, 8), part(9, 2, 2));
    expect([numbers(joined), joined.before]).toEqual([[10, 9, 8, 7, 6, 5, 4, 3, 2], 2]);
  });

  it('begin anew where something is missing between them', () => {
    expect(withOlder(part(30, 28, 28), part(9, 2, 2))).toEqual(part(30, 28, 28));
    expect(withOlder(part(3, 0, null), part(2, 0, null))).toEqual(part(3, 0, null));
  });

  it('go on behind what was read, and stand once', () => {
    expect(numbers(behind(part(5, 1, 1), part(9, 5, 5)))).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('name the step of the fault itself where there is one', () => {
    expect(nextStep(null)).toBeNull();
    expect(nextStep({ code: 'late', params: {} })).toBe('See above what your uplink carries.');
    expect(nextStep({ code: 'own-fault', params: { error: 'DISK_FULL' } })).not.toBe('Logs have more of it.');
  });
});
