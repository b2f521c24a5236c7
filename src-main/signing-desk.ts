import { listeners } from '../src-node/listeners.ts';
import type { SigningWaits } from '../src-shared/contract/page/money.ts';
import type {
  EndedTask,
  MoveOrder,
  ReviewTask,
  SigningApi,
  SigningTask,
  SigningUi,
  SigningView,
  WalletOrder,
  WalletTask,
} from '../src-shared/contract/signing.ts';
import { AppError, type CodedError, toCodedError } from '../src-shared/errors/app-error.ts';
import { programCalled } from '../src-shared/program-name.ts';
import type { ThemeChoice } from '../src-shared/theme.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { MoveDesk } from './moving/move-desk.ts';
import { refuse, reviewNotHere, walletNotHere } from './signing-not-here.ts';
import type { MoneyDesk } from './wallet/desk.ts';
import {
  openWalletDesk,
  type WalletDeskOptions,
  type WalletHere,
  type WalletPlace,
} from './wallet/set-up/wallet-desk.ts';

export interface SigningDeskOptions extends WalletDeskOptions {
  readonly shell: 'web' | 'electron';
  readonly orders: Pick<MoneyDesk, 'pending' | 'onPending' | 'shown' | 'approve' | 'deny'>;
  /** Where wallets for use on that network lie. @throws {AppError} NETWORK_NOT_OPEN where nobody knows its chain */
  placeOf(network: string): WalletPlace;
  /** Where the wallet lies whose coldkey opens by a password on that network. @throws {AppError} WALLET_UNKNOWN */
  walletOf(coldkey: Ss58, network: string): Promise<WalletHere>;
  readonly moves: MoveDesk;
  readonly signal: AbortSignal;
}

/** What the signing window sees and may do; whatever shell carries it. */
export interface SigningDesk {
  readonly api: SigningApi;
  connect(ui: SigningUi): () => void;
  /** What the main page may know: that something waits. */
  readonly waits: SigningWaits | null;
  /** How the last order ended, until another one waits. */
  readonly ended: EndedTask | null;
  onChange(listener: () => void): () => void;
  /** The window looks as the page does from now on. */
  wear(theme: ThemeChoice): void;
  /** The person closed the window: an order is denied, and a wallet left where it stands. */
  closed(): void;
  /** @returns the id of the task. @throws {AppError} NETWORK_NOT_OPEN, or as `WalletDesk.begin` */
  startWallet(order: WalletOrder): Promise<string>;
  /** @returns the id of the task. @throws {AppError} as `MoveDesk.begin` */
  startMove(order: MoveOrder): Promise<string>;
}

/**
 * The one task of the signing window: an order that waits for a yes or no, else a move, else the wallet that is being made. Passwords
 * of real networks are refused here where the window is a browser's, whatever it shows.
 */
export function openSigningDesk(options: SigningDeskOptions): SigningDesk {
  const { shell, orders, moves, signal } = options;
  const events = listeners<{ change: undefined }>();
  const wallets = openWalletDesk(options);
  const tries = new Map<string, Try>();
  /** The person's answer to an order; one without went by itself. */
  const answered = new Map<string, 'signed' | 'denied'>();
  let theme: ThemeChoice = 'system';
  let review: ReviewTask | null = orders.pending;
  let ended: EndedTask | null = null;
  /** Until when no password is taken, by the problem that said so. */
  let wait: { readonly problem: CodedError; readonly notBeforeMs: number } | null = null;

  function follow(): void {
    const before = review;
    review = orders.pending;
    if (before && before.id !== review?.id) {
      ended = endOf(before, answered.get(before.id));
      answered.delete(before.id);
      tries.get(before.id)?.stop();
    }
    events.emit('change', undefined);
  }
  function end(how: EndedTask): void {
    ended = how;
    events.emit('change', undefined);
  }
  orders.onPending(follow);
  for (const desk of [wallets, moves]) desk.onChange(() => events.emit('change', undefined));

  function notBefore(problem: CodedError | null): number | null {
    if (problem?.code !== 'KEY_PASSWORD_WAIT') return null;
    if (wait?.problem !== problem)
      wait = { problem, notBeforeMs: Date.now() + Number(problem.params.seconds) * 1_000 };
    return wait.notBeforeMs;
  }

  function task(): SigningTask | null {
    const wallet = wallets.task;
    if (review) {
      const notBeforeMs = notBefore(review.problem);
      return { kind: 'review', review, notHere: reviewNotHere(review, shell), notBeforeMs };
    }
    const move = moves.task;
    if (move) return { kind: 'move', move };
    if (!wallet) return null;
    const notBeforeMs = notBefore(wallet.problem);
    return { kind: 'wallet', wallet, notHere: walletNotHere(wallet, shell), notBeforeMs };
  }

  /** As a window gets it: what it shows is not exchanged behind a click. */
  function view(): SigningView {
    if (review) orders.shown(review.id);
    return { shell, program: programCalled(), theme, task: task(), ended };
  }

  /** One try at a time, which its person can stop. Its secrets are gone when it ends, however it does. */
  async function trying(id: string, secrets: readonly (Uint8Array | null)[], work: Work): Promise<void> {
    try {
      if (tries.has(id)) throw new AppError('NOT_NOW', { what: 'A second password', state: 'busy' });
      const stopping = new AbortController();
      const working = work(AbortSignal.any([signal, stopping.signal]));
      const over = working.catch(() => undefined);
      tries.set(id, { over, stop: () => stopping.abort(new AppError('CANCELLED')) });
      await working.finally(() => tries.delete(id));
    } finally {
      for (const secret of secrets) secret?.fill(0);
    }
  }

  /** @throws {AppError} REVIEW_GONE */
  function reviewOf(id: string): ReviewTask {
    if (review?.id !== id) throw new AppError('REVIEW_GONE');
    return review;
  }

  /** @throws {AppError} WALLET_TASK_GONE */
  function walletOf(id: string): WalletTask {
    if (wallets.task?.id !== id) throw new AppError('WALLET_TASK_GONE');
    return wallets.task;
  }

  const api: SigningApi = {
    view: async () => view(),
    approve: (id, secret) =>
      trying(id, [secret.password], async (until) => {
        refuse(reviewNotHere(reviewOf(id), shell));
        const { call } = reviewOf(id);
        answered.set(id, 'signed');
        await orders.approve(id, secret, until).catch((thrown: unknown) => {
          answered.delete(id);
          // It is over, and not for what the person said.
          if (ended?.id === id)
            end({ id, how: 'refused', sentence: call.sentence, problem: toCodedError(thrown) });
          throw thrown;
        });
      }),
    async deny(id) {
      reviewOf(id);
      tries.get(id)?.stop();
      await tries.get(id)?.over;
      if (review?.id !== id) return;
      answered.set(id, 'denied');
      orders.deny(id);
    },
    stopTrying: async (id) => tries.get(id)?.stop(),
    async readBackup(id, backup) {
      try {
        refuse(walletNotHere(walletOf(id), shell));
        return await wallets.readBackup(id, backup, signal);
      } finally {
        backup.fill(0);
      }
    },
    async bring(id, order) {
      try {
        refuse(walletNotHere(walletOf(id), shell));
        await trying(id, [], (until) => wallets.bring(id, order, until));
      } finally {
        for (const { bytes } of order.files) bytes.fill(0);
      }
    },
    openBrought: (id, password) =>
      trying(id, [password], async (until) => {
        refuse(walletNotHere(walletOf(id), shell));
        await wallets.openBrought(id, password, until);
      }),
    giveSecret: (id, secret) =>
      trying(id, [secret.password, secret.backup], async (until) => {
        refuse(walletNotHere(walletOf(id), shell));
        await wallets.giveSecret(id, secret, until);
      }),
    showWords: (id) => wallets.showWords(id),
    startQuiz: async (id) => wallets.startQuiz(id),
    answerQuiz: (id, words) => wallets.answerQuiz(id, words),
    async leaveWallet(id) {
      tries.get(id)?.stop();
      await tries.get(id)?.over;
      wallets.leave(id);
    },
    giveMovePassword: (id, password) =>
      trying(id, [password], (until) => moves.givePassword(id, password, until)),
    confirmMove: (id, conflicting) => moves.confirm(id, conflicting),
    async leaveMove(id) {
      tries.get(id)?.stop();
      await tries.get(id)?.over;
      moves.leave(id);
    },
  };

  return {
    api,
    connect(ui) {
      const tell = () => ui.patch(view());
      tell();
      return events.on('change', tell);
    },
    get waits(): SigningWaits | null {
      if (review) return { id: review.id, kind: 'review' };
      const { task: move } = moves;
      if (move) return move.step === 'done' ? null : { id: move.id, kind: 'move' };
      const wallet = wallets.task;
      return wallet && wallet.step !== 'done' ? { id: wallet.id, kind: 'wallet' } : null;
    },
    get ended() {
      return review ? null : ended;
    },
    onChange: (listener) => events.on('change', listener),
    wear(next) {
      theme = next;
      events.emit('change', undefined);
    },
    closed() {
      const [move, wallet] = [moves.task, wallets.task];
      const leaving = review
        ? api.deny(review.id)
        : move
          ? api.leaveMove(move.id)
          : wallet && api.leaveWallet(wallet.id);
      // What ended meanwhile is left already.
      leaving?.catch(() => undefined);
    },
    async startMove(order) {
      ended = null;
      return moves.begin(order);
    },
    async startWallet(order) {
      ended = null;
      const place = options.placeOf(order.network);
      if (order.kind !== 'backup') return wallets.begin({ ...order, place });
      const wallet = await options.walletOf(order.coldkey, order.network);
      return wallets.begin({ kind: 'backup', wallet, network: place.network });
    },
  };
}

type Work = (signal: AbortSignal) => Promise<void>;

interface Try {
  /** Resolves when it has ended, however it did. */
  readonly over: Promise<unknown>;
  stop(): void;
}

function endOf({ id, call, expiresAtMs }: ReviewTask, answered: EndedTask['how'] | undefined): EndedTask {
  const otherwise = expiresAtMs <= Date.now() ? 'expired' : 'withdrawn';
  return { id, how: answered ?? otherwise, sentence: call.sentence, problem: null };
}
