import { describe, expect, it } from 'vitest';
import { pastOf } from '../../../src-main/runs/past.ts';
import type { RoundRow } from '../../../src-main/store/rows.ts';

const HOTKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

const row = (round: number, over: Partial<RoundRow> = {}): RoundRow => ({
  runId: 1,
  round,
  startedMs: 10 * round,
  endedMs: 10 * round + 9,
  outcome: 'committed',
  members: 3,
  contributed: true,
  bytesSent: 4,
  bytesReceived: 5,
  durationMs: 7,
  heldOutLoss: null,
  digest: null,
  reason: null,
  edgesJson: '[]',
  groupJson: null,
  ...over,
});

describe('what a store knows of earlier rounds', () => {
  it('is shown oldest first, with the loss of the initial weights and without a round of theirs', () => {
    const past = pastOf([row(1, { heldOutLoss: 7.5 }), row(0), row(-1, { heldOutLoss: 8, endedMs: 3 })]);
    expect(past.rounds.map(({ round, bytes }) => [round, bytes])).toEqual([
      [0, 9],
      [1, 9],
    ]);
    expect(past.heldOut).toEqual([
      { round: -1, loss: 8, atMs: 3 },
      { round: 1, loss: 7.5, atMs: 19 },
    ]);
  });

  it('says why a round came to nothing, and nothing where that cannot be read', () => {
    const reasonOf = (reason: string | null) => pastOf([row(0, { reason })]).rounds[0]?.reason;
    expect(reasonOf('{"code":"no-quorum","params":{}}')).toEqual({ code: 'no-quorum', params: {} });
    for (const reason of [null, '', '{', '{"code":"of a newer version","params":{}}'])
      expect(reasonOf(reason)).toBeNull();
  });

  it('says what became of each member, and of nobody where that was not kept or cannot be read', () => {
    const silent = { hotkey: HOTKEY, takenShare: 0, returnedShare: null, stoodIn: 0, error: 'silent' };
    const groupOf = (groupJson: string | null) => pastOf([row(0, { groupJson })]).rounds[0]?.group;
    expect(groupOf(JSON.stringify([silent]))).toEqual([silent]);
    expect(groupOf(JSON.stringify([{ ...silent, error: 'of a newer version' }]))).toEqual([
      { ...silent, error: 'other' },
    ]);
    for (const groupJson of [null, '', '{', '[{}]', JSON.stringify(Array(65).fill(silent))])
      expect(groupOf(groupJson)).toEqual([]);
  });

  it('has no still where the one kept cannot be read', () => {
    for (const edgesJson of ['', '{', '[{"bytes":-1}]'])
      expect(pastOf([row(0, { edgesJson })]).rounds[0]?.edges).toEqual([]);
  });
});
