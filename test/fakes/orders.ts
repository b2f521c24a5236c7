import type { MoveDesk } from '../../src-main/moving/move-desk.ts';
import type { SigningDeskOptions } from '../../src-main/signing-desk.ts';
import { listeners } from '../../src-node/listeners.ts';
import type { ReviewTask } from '../../src-shared/contract/signing.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { type Hex, hex, type Ss58, ss58 } from '../../src-shared/units.ts';

export const COLDKEY: Ss58 = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
export const HOTKEY: Ss58 = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
export const DEVNET: Hex = hex('ab'.repeat(32));
export const FINNEY: Hex = hex('2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03');
/** For signing desks whose test backs up no wallet. */
export const noWalletHere: SigningDeskOptions['walletOf'] = async (address) => {
  throw new AppError('WALLET_UNKNOWN', { address });
};
export const RIGHT_PASSWORD = 'four random words here';

export const stakeReview = (changes: Partial<ReviewTask> = {}): ReviewTask => ({
  id: 'order-1',
  call: {
    name: 'SubtensorModule.add_stake_limit',
    sentence: 'Stake τ 2.000000000 to your miner on subnet 38, for at least α 104.35, or do nothing.',
    lines: [
      { name: 'hotkey', value: HOTKEY },
      { name: 'netuid', value: '38' },
      { name: 'amount_staked', value: '2000000000' },
      { name: 'limit_price', value: '19166000' },
      { name: 'allow_partial', value: 'false' },
    ],
  },
  coldkey: COLDKEY,
  walletName: 'main',
  opens: 'password',
  isUsersWallet: false,
  network: { name: 'devnet', mark: 'TEST', genesis: DEVNET, isReal: false },
  endpoint: '127.0.0.1:9944',
  endpointChosen: null,
  subnet: { netuid: 38, name: 'Distributed Training', isExpected: true },
  most: 'τ 2.000177',
  undone: 'by-selling',
  names: [{ address: HOTKEY, name: 'your miner', from: 'own' }],
  warnings: [],
  typedConsent: null,
  expiresAtMs: Date.now() + 300_000,
  state: 'waiting',
  problem: null,
  ...changes,
});

/** Orders as the money desk has them, of which a test says what comes of each answer. */
export interface FakeOrders {
  readonly orders: SigningDeskOptions['orders'];
  readonly denied: string[];
  /** What a window was given to show. */
  readonly shown: string[];
  /** What was approved: passwords as text. */
  readonly approved: (string | null)[];
  /** The arrays in which passwords came. */
  readonly passwords: Uint8Array[];
  ask(task: ReviewTask | null): void;
  /** The next password is turned into a key until this is called. */
  hold(): () => void;
  /** What the next try is answered with, whatever was typed. */
  refuse(error: CodedError): void;
}

export function fakeOrders(): FakeOrders {
  const events = listeners<{ pending: undefined }>();
  let pending: ReviewTask | null = null;
  let held: Promise<void> | null = null;
  let refusal: CodedError | null = null;
  let wrong = 0;
  const denied: string[] = [];
  const shown: string[] = [];
  const approved: (string | null)[] = [];
  const passwords: Uint8Array[] = [];
  const ask = (task: ReviewTask | null) => {
    pending = task;
    events.emit('pending', undefined);
  };
  const tell = (changes: Partial<ReviewTask>) => pending && ask({ ...pending, ...changes });

  async function check(password: Uint8Array | null, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new AppError('CANCELLED'))),
    );
    aborted.catch(() => undefined);
    if (held) await Promise.race([held, aborted]);
    if (refusal) throw new AppError(refusal.code, refusal.params);
    const text = password && new TextDecoder().decode(password);
    if (pending?.opens !== 'password' || text === RIGHT_PASSWORD) return void approved.push(text);
    wrong++;
    throw wrong > 2
      ? new AppError('KEY_PASSWORD_WAIT', { seconds: 5 })
      : new AppError('KEY_PASSWORD_WRONG', { path: '/wallets/main/coldkey' });
  }

  return {
    denied,
    shown,
    approved,
    passwords,
    ask,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = null;
        resolve();
      };
    },
    refuse(error) {
      refusal = error;
    },
    orders: {
      get pending() {
        return pending;
      },
      onPending: (listener) => events.on('pending', listener),
      shown: (id) => void shown.push(id),
      async approve(_id, { password }, signal) {
        if (password) passwords.push(password);
        tell({ state: 'unlocking', problem: null });
        try {
          await check(password, signal);
          ask(null);
        } catch (thrown) {
          const { code, params } = thrown as AppError;
          refusal = null;
          if (code === 'REVIEW_OUTDATED') ask(null);
          else tell({ state: 'waiting', problem: code === 'CANCELLED' ? null : { code, params } });
          throw thrown;
        }
      },
      deny(id) {
        denied.push(id);
        ask(null);
      },
    },
  };
}

/** Nothing moves here. */
export const noMoves: MoveDesk = {
  task: null,
  onChange: () => () => undefined,
  begin: async () => Promise.reject(new AppError('MOVE_TASK_GONE')),
  givePassword: async () => Promise.reject(new AppError('MOVE_TASK_GONE')),
  confirm: async () => Promise.reject(new AppError('MOVE_TASK_GONE')),
  leave: () => undefined,
};
