import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { openMoveDesk } from '../../../src-main/moving/move-desk.ts';
import { type SigningOrigin, serveSigning } from '../../../src-main/shells/web/signing-origin.ts';
import { openSigningDesk, type SigningDesk } from '../../../src-main/signing-desk.ts';
import { backedUpAt, noteBackup } from '../../../src-main/vault/wallets/backup-note.ts';
import { wrongPasswordsByFile } from '../../../src-main/vault/wrong-passwords.ts';
import {
  type SigningApi,
  signingApiArguments,
  type WalletOrder,
} from '../../../src-shared/contract/signing.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { type FakeOrders, fakeOrders } from '../../fakes/orders.ts';
import { oldComputer } from '../../src-main/moving/old-computer.ts';
import { type Look, onePage } from './one-page.ts';

/** Of a host whose runs end at once and which only says that it ends. */
const moving = {
  ...{ isBrowser: true, restarts: false, demandSettled: async () => undefined },
  ...{ endRuns: async (hotkeys: readonly Ss58[]) => hotkeys, beginAgain: () => undefined },
  ...{ onMovedAway: async () => undefined, end: () => undefined },
};

export interface SigningRig {
  readonly page: Page;
  readonly desk: SigningDesk;
  readonly orders: FakeOrders;
  /** Folder of the wallets that are made. */
  readonly root: string;
  open(at?: Omit<Look, 'viewport'> & { readonly width?: number }): Promise<void>;
  /** As `OnePage.close`. */
  close(): Promise<void>;
  /** The page asked for a wallet: the signing window opens on it. */
  start(order: Partial<WalletOrder & { kind: 'make' | 'restore' | 'import' }>): Promise<string>;
  /** The same for the words of one that is here, in the user's own folder or not. */
  startBackup(coldkey: string, isUsers?: boolean): Promise<string>;
  /** The page asked to move everything of a computer with one run into that file. */
  startMoveOut(file: string): Promise<Ss58>;
  /** The same on a computer that has something else in it. */
  startMoveIn(file: string): Promise<void>;
  backedUpAt(coldkey: string | null, name?: string): Promise<number | null>;
  shoot(name: string): Promise<void>;
}

/**
 * The built signing window in a real browser behind its real origin, on the real signing desk: wallets are made for
 * real, and orders are a test's. A test fails when the window threw, wrote to the console or broke its content policy.
 */
export function signingRig(): SigningRig {
  const one = onePage();
  let origin: SigningOrigin;
  let desk: SigningDesk;
  let orders: FakeOrders;
  let root = '';
  const problems: string[] = [];
  let isUsers = false;
  const stopping = new AbortController();

  /** Of one origin for the whole file, on the desk of the test under way. */
  const calls = Object.keys(signingApiArguments).map((call) => [
    call,
    (...args: readonly unknown[]) => Reflect.apply(desk.api[call as keyof SigningApi], desk.api, args),
  ]);
  beforeAll(async () => {
    origin = await serveSigning({
      door: {
        ...{ api: Object.fromEntries(calls) as SigningApi, calls: signingApiArguments },
        connect: (window) => desk.connect(window),
        onProblem: (problem) => {
          problems.push(String(problem));
          throw problem;
        },
      },
      pageDir: resolve('out/signing'),
      // None lies behind it: any free port.
      pagePort: 65_535,
    });
  });
  afterAll(() => origin.stop());
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'butterfly-signing-'));
    orders = fakeOrders();
    desk = openSigningDesk({
      moves: openMoveDesk({
        ...moving,
        dataDir: join(root, 'data'),
        walletsRoot: () => join(root, 'wallets'),
      }),
      ...{ shell: 'web', orders: orders.orders, signal: stopping.signal, noteBackedUp: noteBackup },
      placeOf: (name) => ({
        root,
        network: { name, mark: name === 'finney' ? null : 'TEST', isReal: name === 'finney' },
      }),
      walletOf: async () => ({ name: 'main', folder: join(root, 'main'), isUsers }),
      wrong: wrongPasswordsByFile(),
      onWallets: () => undefined,
    });
  });
  afterEach(async () => {
    await one.leave();
    await rm(root, { recursive: true, force: true });
    expect(problems.splice(0)).toEqual([]);
  });

  return {
    get page() {
      return one.page;
    },
    get desk() {
      return desk;
    },
    get orders() {
      return orders;
    },
    get root() {
      return root;
    },
    async open({ width = 600, ...look } = {}) {
      await one.goTo(origin.open(), { viewport: { width, height: 900 }, ...look });
      await one.page.locator('h1').waitFor();
    },
    close: one.close,
    start: (order) =>
      desk.startWallet({ kind: 'make', network: 'devnet', name: 'main', words: null, ...order }),
    startBackup(coldkey, ofUser = false) {
      isUsers = ofUser;
      return desk.startWallet({ kind: 'backup', network: 'devnet', coldkey: coldkey as Ss58 });
    },
    async startMoveOut(file) {
      const { hotkey } = await oldComputer(root);
      await desk.startMove({ kind: 'out', file, withColdkeys: false });
      return hotkey;
    },
    async startMoveIn(file) {
      for (const folder of ['data', 'wallets']) await rename(join(root, folder), join(root, `old-${folder}`));
      await mkdir(join(root, 'data'));
      await writeFile(join(root, 'data', 'settings.json'), '{"version":1,"values":{}}');
      await desk.startMove({ kind: 'in', file });
    },
    backedUpAt: (coldkey, name = 'main') => backedUpAt(join(root, name), coldkey as Ss58 | null),
    shoot: one.shoot,
  };
}
