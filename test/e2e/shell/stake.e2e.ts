import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { newPhrase } from '../../../src-main/vault/account-text.ts';
import { createWallet } from '../../../src-main/vault/wallets/create-wallet.ts';
import { rao, type Ss58 } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import { connect, minerHotkey, NETUID, owner, startTestChain } from '../../src-main/network/rig.ts';
import { atTerminal } from './at-terminal.ts';

const PASSWORD = 'pass wörd 38';
const TAO = 10n ** 9n;
const BLOCK_MS = 400;
const { signal } = new AbortController();
let home: string;
let devnet: Devnet;
let coldkey: Ss58;
let words: readonly string[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-stake-'));
  const backup = newPhrase(12);
  const password = new TextEncoder().encode(PASSWORD);
  ({ coldkey } = await createWallet(join(home, 'wallets'), { name: 'mine', backup, password }, signal));
});
afterAll(() => rm(home, { recursive: true, force: true }));
beforeEach(async () => {
  devnet = await startTestChain({
    blockMs: BLOCK_MS,
    genesisTimeMs: Date.now(),
    accounts: [coldkey, owner.address].map((ss58) => ({ ss58, freeRao: 100n * TAO })),
  });
  const chain = await connect([devnet.url], signal);
  await chain.submit({ kind: 'startCall' }, owner, signal);
  const { address: hotkey } = minerHotkey;
  await chain.submit({ kind: 'burnedRegister', hotkey, limitRao: rao(10n * TAO) }, owner, signal);
  await chain.stop();
  words = [
    ...['stake', '--network', devnet.url, '--wallet', join(home, 'wallets', 'mine')],
    ...['--netuid', String(NETUID), '--hotkey', hotkey, '--amount', '5', '--data-dir', join(home, 'data')],
  ];
});
afterEach(async () => {
  await devnet.stop();
  await rm(join(home, 'data'), { recursive: true, force: true });
});

async function held(): Promise<bigint> {
  const chain = await connect([devnet.url], signal);
  try {
    return await chain.stake(minerHotkey.address, coldkey, null, signal);
  } finally {
    await chain.stop();
  }
}

it.skipIf(process.platform !== 'linux')(
  'stakes at a terminal, also after three wrong passwords: nothing that was agreed to is asked again',
  async () => {
    const terminal = atTerminal(words);
    await terminal.read(/You receive about +[\d.]+ alpha/);
    await terminal.read(/SubtensorModule\.add_stake_limit/);
    await terminal.read(/Type 5 to agree/);
    terminal.press('5\r');
    for (const wrong of ['pass word 38', `${PASSWORD} `, PASSWORD.toUpperCase()]) {
      await terminal.read(/Password of the coldkey[^:]*:/);
      terminal.press(`${wrong}\r`);
      await terminal.read(/does not open with this password/);
    }
    // Who was wrong three times waits a little, and is told for how long.
    await terminal.read(/Password of the coldkey[^:]*:/);
    terminal.press(`${PASSWORD}\r`);
    await terminal.read(/The next one is taken in \d+ s/);
    await terminal.read(/Password of the coldkey[^:]*:/);
    terminal.press(`${PASSWORD}\r`);
    await terminal.read(/5 of 5 +done, final in block \d+/);
    expect(await terminal.ended).toBe(0);
    for (const step of ['1 of 5', '2 of 5', '3 of 5', '4 of 5']) expect(terminal.said()).toContain(step);
    expect(terminal.said()).not.toContain(PASSWORD);
    expect(await held()).toBeGreaterThan(0n);
  },
);

it.skipIf(process.platform !== 'linux')(
  'that is left by Ctrl+C at the password has moved nothing',
  async () => {
    const terminal = atTerminal(words);
    await terminal.read(/Type 5 to agree/);
    terminal.press('5\r');
    await terminal.read(/Password of the coldkey[^:]*:/);
    terminal.press('\u0003');
    expect(await terminal.ended).toBe(1);
    expect(await held()).toBe(0n);
  },
);

it('is refused without a terminal, and quoted there', async () => {
  const run = async (...more: readonly string[]) => {
    const child = spawn(process.execPath, ['out/host/serve.js', ...words, ...more], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.err += chunk;
    });
    // A password in a pipe is none: nobody reads it.
    child.stdin.end(`5\n${PASSWORD}\n`);
    const [code] = await once(child, 'exit');
    return { code, ...said };
  };
  expect(await run()).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/terminal/) });
  const quoted = await run('--dry-run', '--json');
  expect(quoted.code).toBe(0);
  expect(JSON.parse(quoted.out)).toMatchObject({
    kind: 'quote',
    terms: { kind: 'stake', payRao: '5000000000' },
    problem: null,
  });
  expect(await held()).toBe(0n);
});
