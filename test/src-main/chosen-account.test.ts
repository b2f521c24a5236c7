import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openChosenAccount } from '../../src-main/chosen-account.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { ss58 } from '../../src-shared/units.ts';
import { soon } from '../soon.ts';

const coldkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const chosen = { id: { network: 'practice', coldkey }, genesis: null };

it('an account that was chosen is there after a restart, and a damaged note is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-chosen-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const told: CodedError[] = [];
  const open = () => openChosenAccount(folder, (error) => told.push(error), expect.unreachable);
  const first = await open();
  expect(first.known).toBeNull();
  first.keep(chosen);
  await soon(async () => expect((await open()).known).toEqual(chosen));
  await writeFile(join(folder, 'account.json'), '{"id":7}');
  expect((await open()).known).toBeNull();
  expect(told).toHaveLength(1);
});
