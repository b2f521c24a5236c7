import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE_TAO, NETUID, openGuestChain, startSubnet, TAO } from '../../bench/chain/guest-chain.ts';
import { installed, output } from '../../bench/chain/python.ts';
import { lastJson } from '../../bench/chain/sdk-reads.ts';
import { builtCrate } from './cargo.ts';

const INSTALL_MS = 25 * 60_000;
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A program that says of each of its steps whether it went well, and how it is called. */
type Guest = () => Promise<readonly string[]>;

const python =
  (file: string, packages: readonly string[]): Guest =>
  async () => [(await installed(packages)).program('python'), here(file)];

const guests: Readonly<Record<string, Guest>> = {
  'substrate-interface 1.8.1': python('./substrate.py', ['substrate-interface==1.8.1']),
  'async-substrate-interface 2.2.1': python('./async_substrate.py', [
    'async-substrate-interface==2.2.1',
    'bittensor-wallet==4.1.0',
  ]),
  'subxt 0.51.1': async () => [await builtCrate(here('./subxt'), 'guest')],
};

/**
 * Clients that are no npm packages, each as its registry has it. They take minutes to install: only the long suite has
 * them, and where a registry is out of reach it says so.
 */
describe.runIf(process.env.BUTTERFLY_LONG).each(Object.entries(guests))('%s', (name, guest) => {
  let program: readonly string[] | null = null;
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'butterfly-guest-'));
    program = await guest().catch((error) => {
      console.warn(`${name} cannot be had here: ${error}`);
      return null;
    });
  }, INSTALL_MS);
  afterAll(() => rm(home, { recursive: true, force: true }));

  test('reads, pays, and is told why an order was refused', async ({ skip }) => {
    if (!program) return skip(`${name} cannot be had here`);
    const chain = await openGuestChain();
    try {
      await startSubnet(chain);
      const [path = '', ...words] = program;
      const asked = [chain.url, String(NETUID), String(ALICE_TAO * TAO)];
      const outcomes = lastJson(await output(path, [...words, ...asked], home));
      expect(Object.keys(outcomes).length).toBeGreaterThan(4);
      expect(Object.entries(outcomes).filter(([, failure]) => failure !== null)).toEqual([]);
    } finally {
      await chain.close();
    }
  });
});
