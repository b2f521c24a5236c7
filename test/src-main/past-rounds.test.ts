import { describe, expect, it } from 'vitest';
import { PAST_ROUNDS_A_PART, pastRounds } from '../../src-main/past-rounds.ts';
import type { RoundRow } from '../../src-main/store/rows.ts';
import type { GroupMember } from '../../src-shared/contract/swarm.ts';
import { ss58 } from '../../src-shared/units.ts';

const HOTKEY = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const fine: GroupMember = { hotkey: HOTKEY, takenShare: 1, returnedShare: null, stoodIn: 2, error: null };

const row = (round: number, group: readonly GroupMember[] = []): RoundRow => ({
  ...{ runId: 1, round, startedMs: 0, endedMs: 7, outcome: 'void', members: 3, contributed: false },
  ...{ bytesSent: 4, bytesReceived: 5, durationMs: null, heldOutLoss: null, digest: null },
  ...{ reason: null, edgesJson: '[]', groupJson: JSON.stringify(group) },
});

/** A store that holds so many rounds, the newest first. */
const holding = (rows: readonly RoundRow[]) => ({
  roundsBefore: async ({ before, limit }: { readonly before: number | null; readonly limit: number }) =>
    rows.filter(({ round }) => before === null || round < before).slice(0, limit),
});
const asked = { runId: 1, filter: 'all', before: null } as const;

describe('the rounds that a run went through', () => {
  it('come in parts, each beginning where the one before ended', async () => {
    const all = Array.from({ length: PAST_ROUNDS_A_PART + 3 }, (_, i) => row(99 - i));
    const first = await pastRounds(holding(all), asked);
    expect(first.rounds).toHaveLength(PAST_ROUNDS_A_PART);
    const second = await pastRounds(holding(all), { ...asked, before: first.before });
    expect(second.rounds.map(({ round }) => round)).toEqual(all.slice(-3).map(({ round }) => round));
    expect(second.before).toBeNull();
  });

  it('end with a part that is just full', async () => {
    const all = Array.from({ length: PAST_ROUNDS_A_PART }, (_, i) => row(99 - i));
    expect((await pastRounds(holding(all), asked)).before).toBeNull();
  });

  it('name of each group those with whom something was amiss', async () => {
    const silent = { ...fine, takenShare: 0, error: 'silent' } as const;
    const late = { ...fine, takenShare: 0.8 };
    const lost = { ...fine, returnedShare: 0.5 };
    const { rounds } = await pastRounds(holding([row(5, [fine, silent, late, lost])]), asked);
    expect(rounds[0]?.group).toEqual([silent, late, lost]);
  });
});
