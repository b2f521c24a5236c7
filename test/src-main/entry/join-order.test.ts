import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JoinOptions, join, type ProfileArgument } from '../../../src-main/commands/join.ts';
import { parseWords } from '../../../src-main/commands/parse.ts';
import { joinOrder, namedRun, profileFile } from '../../../src-main/entry/join-order.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(joinPath(tmpdir(), 'join-order-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function order(profile: string, ...more: string[]) {
  const words = ['--network', 'own=ws://127.0.0.1:9944', '--keys', '/keys', '--profile', profile, ...more];
  const said = parseWords(join, words, 'refuse').said as JoinOptions;
  return joinOrder(said, await namedRun(said.profile as ProfileArgument));
}

it('a file that was opened is read within bounds', async () => {
  const file = joinPath(dir, 'friend.butterfly-run');
  await writeFile(file, '{"a":1}');
  expect(await profileFile(file)).toEqual({ kind: 'file', text: '{"a":1}' });
  await writeFile(file, 'x'.repeat(65_537));
  await expect(profileFile(file)).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
  await rm(file);
  await expect(profileFile(file)).rejects.toMatchObject({ code: 'PROFILE_FILE_UNREADABLE' });
});

describe('what a command line asks to join', () => {
  it('holds the text of the profile file, and consents to nothing that was not said', async () => {
    const file = joinPath(dir, 'own.json');
    await writeFile(file, '{"a":1}');
    expect(await order(file)).toEqual({
      networkName: 'own',
      endpoint: 'ws://127.0.0.1:9944',
      profile: { kind: 'file', text: '{"a":1}' },
      role: 'miner',
      keysFolder: '/keys',
      registrationLimitRao: null,
      stakeRao: null,
      bootstrap: null,
      // Where peers reach this one is left to the settings.
      listen: null,
      isAgreed: true,
      mayPay: false,
    });
  });

  it('is a consent only where no page asks', async () => {
    expect(await order('gpt2-small', '--register-limit', '1', '--headless')).toMatchObject({ mayPay: true });
    expect(await order('gpt2-small', '--register-limit', '1')).toMatchObject({ mayPay: false });
  });

  it('passes on what was agreed to pay and where peers are', async () => {
    const said = ['--register-limit', '0.5', '--stake', '10', '--listen', '127.0.0.1:4001'];
    expect(await order('gpt2-small', ...said)).toMatchObject({
      profile: { kind: 'shipped', name: 'gpt2-small' },
      registrationLimitRao: 500_000_000n,
      stakeRao: 10_000_000_000n,
      listen: { host: '127.0.0.1', port: 4001 },
    });
  });

  it('reads a file of 64 KiB, and refuses one of a byte more', async () => {
    const [fits, over] = [joinPath(dir, 'fits.json'), joinPath(dir, 'over.json')];
    await writeFile(fits, ' '.repeat(65_536));
    await writeFile(over, ' '.repeat(65_537));
    expect((await order(fits)).profile).toMatchObject({ text: ' '.repeat(65_536) });
    await expect(order(over)).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
  });

  it.skipIf(process.platform === 'win32')('ends reading a file that never ends', async () => {
    await expect(order('/dev/zero')).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
  });

  it('refuses a file that is not there, with its name', async () => {
    const path = joinPath(dir, 'none.json');
    await expect(order(path)).rejects.toMatchObject({ code: 'PROFILE_FILE_UNREADABLE', params: { path } });
  });
});
