import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import { INPUTS_OPEN } from '../../../../src-worker/swarm/audit/limits.ts';
import { OwnInputs } from '../../../../src-worker/swarm/audit/own-inputs.ts';
import { KnownRosters } from '../../../../src-worker/swarm/audit/rosters.ts';
import {
  contribute,
  gridOf,
  rosterOf,
  type TestMember,
  testConsensus,
  testMember,
  valuesOf,
} from '../round.ts';

const members: TestMember[] = [];
afterEach(async () => {
  for (const { spoolDir } of members.splice(0)) await rm(spoolDir, { recursive: true });
});

it('holds no contribution open that is older than the newest ones: one that was removed is gone', async () => {
  const consensus = testConsensus();
  const elements = parameterCount({ ...consensus.model, layers: 1, width: 32, vocab: 16 });
  const grid = gridOf(elements, consensus);
  const member = await testMember(1);
  members.push(member);
  const rosters = new KnownRosters(grid, consensus, () => null);
  const own = new OwnInputs(member.hotkey, member.spoolDir);
  const rounds = await Promise.all(
    Array.from({ length: INPUTS_OPEN + 1 }, async (_, round) => {
      const put = await contribute(member, { round, grid, consensus }, valuesOf(round, elements));
      const { roster, rosterDigest } = rosterOf(round, grid, [{ member, put }]);
      rosters.note(roster, rosterDigest);
      return rosters.get(rosterDigest)!;
    }),
  );
  for (const round of rounds) expect(await own.read(round, 0)).not.toBeNull();
  for (const { round } of rounds)
    await rm(join(member.spoolDir, spoolFolder(round), spoolFiles.contribution));
  const [oldest, ...newest] = rounds;
  for (const round of newest) expect(await own.read(round, 0)).not.toBeNull();
  expect(await own.read(oldest!, 0)).toBeNull();
  await own.close();
});
