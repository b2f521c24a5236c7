import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { listeners } from '../../../src-node/listeners.ts';
import type {
  BroughtOrder,
  WalletMade,
  WalletSecret,
  WalletTask,
  WalletTaskKind,
} from '../../../src-shared/contract/signing.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { accountOfBackup } from '../../vault/locked/lock.ts';
import { newWalletPath } from '../../vault/wallets/create-wallet.ts';
import { COLDKEY_FILE } from '../../vault/wallets/layout.ts';
import type { WrongPasswordsByFile } from '../../vault/wrong-passwords.ts';
import { type Brought, demandNew, lookAtBrought } from './brought.ts';
import { asTyped, backupOf, keysOfTask } from './keys-of-task.ts';
import { WORDS_KEPT_MS } from './limits.ts';
import { newQuiz, type Quiz } from './quiz.ts';

/** Where a wallet is made, restored and backed up: one at a time, with a person at the signing window. */
export interface WalletDesk {
  /**
   * @returns the id of the task
   * @throws {AppError} WALLET_NAME_INVALID, WALLET_EXISTS, NOT_NOW while a password becomes a key
   */
  begin(wanted: WantedWallet): Promise<string>;
  readonly task: WalletTask | null;
  onChange(listener: () => void): () => void;
  readBackup(id: string, backup: Uint8Array, signal: AbortSignal): Promise<Ss58>;
  bring(id: string, order: BroughtOrder, signal: AbortSignal): Promise<void>;
  openBrought(id: string, password: Uint8Array, signal: AbortSignal): Promise<void>;
  giveSecret(id: string, secret: WalletSecret, signal: AbortSignal): Promise<void>;
  showWords(id: string): Promise<readonly string[]>;
  startQuiz(id: string): Quiz['places'];
  answerQuiz(id: string, words: readonly string[]): Promise<ReturnType<Quiz['answer']>>;
  leave(id: string): void;
}

/** The folder of wallets that a new one goes into, and what the network is called. */
export interface WalletPlace {
  readonly root: string;
  readonly network: WalletTask['network'];
}

/** A wallet that is here. */
export interface WalletHere {
  readonly name: string;
  readonly folder: string;
  /** It lies in the user's own folder, for whatever network. */
  readonly isUsers: boolean;
}

export type WantedWallet =
  | {
      readonly kind: Exclude<WalletTaskKind, 'backup'>;
      readonly name: string;
      readonly words: 12 | 24 | null;
      readonly place: WalletPlace;
    }
  | { readonly kind: 'backup'; readonly wallet: WalletHere; readonly network: WalletTask['network'] };

export interface WalletDeskOptions {
  /** Somebody has proved to have the backup of this wallet. @throws {AppError} of the disk */
  noteBackedUp(folder: string, coldkey: Ss58, atMs: number): Promise<void>;
  /** Shared with whoever else opens these files. */
  readonly wrong: WrongPasswordsByFile;
  /** Wallets lie otherwise now. */
  onWallets(): void;
}

/** What is known of a task beside what the window shows; the words are in memory here, and nowhere else. */
interface Open {
  task: WalletTask;
  readonly root: string;
  /** null: not made or opened yet, or forgotten again. */
  words: readonly string[] | null;
  quiz: Quiz | null;
  brought: Brought | null;
}

export function openWalletDesk({ noteBackedUp, onWallets, wrong }: WalletDeskOptions): WalletDesk {
  const events = listeners<{ change: undefined }>();
  let open: Open | null = null;
  let forgetting: NodeJS.Timeout | undefined;

  function forget(): void {
    clearTimeout(forgetting);
    open?.brought?.forget();
    if (open) Object.assign(open, { words: null, quiz: null, brought: null });
  }

  function end(): void {
    forget();
    open = null;
    events.emit('change', undefined);
  }

  /** Nobody is at the window any more: what was made stays, and its words are seen again for the password. */
  function keepForAWhile(): void {
    clearTimeout(forgetting);
    forgetting = setTimeout(() => (isWorking() ? keepForAWhile() : end()), WORDS_KEPT_MS);
    forgetting.unref();
  }

  const isWorking = (): boolean => open?.task.step === 'working';

  /** @throws {AppError} NOT_NOW */
  function demandIdle(): void {
    if (isWorking()) throw new AppError('NOT_NOW', { what: 'Another wallet', state: 'working' });
  }

  /** What holds an account that is here already is forgotten: nothing can be done with it. @throws {AppError} WALLET_HAS_ADDRESS */
  async function demandNewHere(mine: Open, brought: Brought, signal: AbortSignal): Promise<void> {
    try {
      await demandNew(mine.root, brought.shown, signal);
    } catch (thrown) {
      const isHeld = mine.brought === brought;
      // One that was only not looked for to the end may be tried again.
      if (isHeld && toCodedError(thrown).code !== 'WALLET_HAS_ADDRESS') throw thrown;
      brought.forget();
      if (isHeld) {
        mine.brought = null;
        show(mine, { brought: null });
      }
      throw thrown;
    }
  }

  function show(mine: Open, changed: Partial<WalletTask>): void {
    mine.task = { ...mine.task, ...changed };
    if (open === mine) events.emit('change', undefined);
  }

  /** @throws {AppError} WALLET_TASK_GONE */
  function taskOf(id: string): Open {
    if (open?.task.id !== id) throw new AppError('WALLET_TASK_GONE');
    return open;
  }

  /** @throws {AppError} WALLET_TASK_GONE where they were not made, or are forgotten */
  function wordsOf(mine: Open): readonly string[] {
    if (!mine.words) throw new AppError('WALLET_TASK_GONE');
    keepForAWhile();
    return mine.words;
  }

  async function proved(mine: Open, made: WalletMade): Promise<void> {
    const atMs = Date.now();
    if (made.coldkey) await noteBackedUp(mine.task.folder, made.coldkey, atMs);
    if (open === mine) forget();
    show(mine, { step: 'done', made: { ...made, backedUpAtMs: atMs } });
    onWallets();
  }

  /** The task works meanwhile; where that fails it waits again, and says why. */
  async function working<T>(mine: Open, work: () => Promise<T>): Promise<T> {
    show(mine, { step: 'working', problem: null });
    try {
      return await work();
    } catch (thrown) {
      const problem = toCodedError(thrown);
      // What was stopped by the person is no problem to tell.
      show(mine, { step: 'secret', problem: problem.code === 'CANCELLED' ? null : problem });
      throw thrown;
    }
  }

  /** @throws {AppError} WALLET_TASK_GONE, NOT_NOW */
  function waitingTask(id: string): Open {
    const mine = taskOf(id);
    if (mine.task.step !== 'secret') throw new AppError('NOT_NOW', { what: 'This', state: mine.task.step });
    return mine;
  }

  return {
    async begin(wanted) {
      demandIdle();
      const { root, ...task } = await begun(wanted);
      // A password may have been given while the disk was asked.
      demandIdle();
      forget();
      const rest = { step: 'secret', brought: null, made: null, problem: null } as const;
      open = { task: { id: randomUUID(), ...task, ...rest }, root, words: null, quiz: null, brought: null };
      events.emit('change', undefined);
      return open.task.id;
    },
    get task() {
      return open?.task ?? null;
    },
    onChange: (listener) => events.on('change', listener),
    async readBackup(id, typed, signal) {
      taskOf(id);
      return accountOfBackup(backupOf(typed), signal).catch(asTyped);
    },
    async bring(id, order, signal) {
      const mine = waitingTask(id);
      if (mine.task.kind !== 'import') throw new AppError('NOT_NOW', { what: 'This', state: mine.task.kind });
      mine.brought?.forget();
      mine.brought = null;
      show(mine, { brought: null });
      await working(mine, async () => {
        const brought = await lookAtBrought(order, signal);
        await demandNewHere(mine, brought, signal);
        if (open !== mine) return brought.forget();
        mine.brought = brought;
        keepForAWhile();
        show(mine, { step: 'secret', brought: brought.shown });
      });
    },
    async openBrought(id, password, signal) {
      const mine = waitingTask(id);
      const { brought } = mine;
      if (!brought) throw new AppError('NOT_NOW', { what: 'This', state: 'not brought' });
      keepForAWhile();
      await working(mine, async () => {
        await brought.open(password, signal);
        await demandNewHere(mine, brought, signal);
        show(mine, { step: 'secret', brought: brought.shown });
      });
    },
    async giveSecret(id, secret, signal) {
      const mine = waitingTask(id);
      const { task, brought } = mine;
      const { kind, folder } = task;
      const isFolder = brought?.shown.kind === 'folder';
      // What is new has no password that could be guessed.
      const tries = kind === 'backup' ? wrong.at(join(folder, COLDKEY_FILE)) : null;
      tries?.mayTry();
      await working(mine, async () => {
        // It may have come here since it was looked at.
        if (brought) await demandNewHere(mine, brought, signal);
        const { words, made } = await keysOfTask(mine, secret, signal).catch((thrown: unknown) => {
          if (toCodedError(thrown).code === 'KEY_PASSWORD_WRONG') tries?.missed();
          throw thrown;
        });
        tries?.forget();
        onWallets();
        // Whoever typed its words, or brought the file that it is in, has it elsewhere.
        if (kind === 'restore' || (kind === 'import' && !isFolder)) return proved(mine, made);
        if (open !== mine) return;
        if (isFolder) forget();
        mine.words = words;
        if (words) keepForAWhile();
        show(mine, { step: isFolder ? 'done' : 'words', made });
      });
    },
    async showWords(id) {
      const mine = taskOf(id);
      const words = wordsOf(mine);
      mine.quiz = null;
      if (mine.task.step === 'quiz') show(mine, { step: 'words' });
      return words;
    },
    startQuiz(id) {
      const mine = taskOf(id);
      mine.quiz = newQuiz(wordsOf(mine));
      show(mine, { step: 'quiz' });
      return mine.quiz.places;
    },
    async answerQuiz(id, given) {
      const mine = taskOf(id);
      const { quiz, task } = mine;
      if (!quiz || !task.made) throw new AppError('WALLET_TASK_GONE');
      const answer = quiz.answer(given);
      if (answer === 'right') await proved(mine, task.made);
      if (answer === 'look-again') {
        mine.quiz = null;
        show(mine, { step: 'words' });
      }
      return answer;
    },
    leave(id) {
      const mine = taskOf(id);
      const { step, made } = mine.task;
      if (!made || step === 'done') return end();
      // What was made stays, and is told; its words are seen again for the password.
      forget();
      show(mine, { step: 'done' });
    },
  };
}

/** A task before anything is asked, and the folder of wallets that a new one goes into. @throws {AppError} as `newWalletPath` */
async function begun(wanted: WantedWallet) {
  if (wanted.kind === 'backup') {
    const { kind, network, wallet } = wanted;
    const { name, folder, isUsers: isUsersWallet } = wallet;
    return { ...{ kind, network, name, folder, isUsersWallet }, words: 12 as const, root: dirname(folder) };
  }
  const { kind, name, place, words } = wanted;
  const { root, network } = place;
  const folder = await newWalletPath(root, name);
  return { ...{ kind, network, name, folder, root }, isUsersWallet: false, words: words ?? 12 };
}
