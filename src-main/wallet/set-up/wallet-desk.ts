import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { listeners } from '../../../src-node/listeners.ts';
import type {
  WalletMade,
  WalletOrder,
  WalletSecret,
  WalletTask,
} from '../../../src-shared/contract/signing.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { isLongEnough, PASSWORD_CHARS_MIN } from '../../../src-shared/password.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { newPhrase } from '../../vault/account-text.ts';
import { accountOfBackup } from '../../vault/locked/lock.ts';
import { plainBackup, writtenBackup } from '../../vault/phrase.ts';
import { createWallet, newWalletPath } from '../../vault/wallets/create-wallet.ts';
import { COLDKEY_FILE } from '../../vault/wallets/layout.ts';
import type { WrongPasswordsByFile } from '../../vault/wrong-passwords.ts';
import { WORDS_KEPT_MS } from './limits.ts';
import { openedBackup } from './opened-backup.ts';
import { newQuiz, type Quiz } from './quiz.ts';

/** Where a wallet is made, restored and backed up: one at a time, with a person at the signing window. */
export interface WalletDesk {
  /**
   * @returns the id of the task
   * @throws {AppError} WALLET_NAME_INVALID, WALLET_EXISTS, NOT_NOW while a password becomes a key
   */
  begin(order: WalletOrder, place: WalletPlace): Promise<string>;
  readonly task: WalletTask | null;
  onChange(listener: () => void): () => void;
  readBackup(id: string, backup: Uint8Array, signal: AbortSignal): Promise<Ss58>;
  giveSecret(id: string, secret: WalletSecret, signal: AbortSignal): Promise<void>;
  showWords(id: string): Promise<readonly string[]>;
  startQuiz(id: string): Quiz['places'];
  answerQuiz(id: string, words: readonly string[]): Promise<ReturnType<Quiz['answer']>>;
  leave(id: string): void;
}

/** The folder of wallets that it goes into, and what the network is called. */
export interface WalletPlace {
  readonly root: string;
  readonly network: WalletTask['network'];
}

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
}

export function openWalletDesk({ noteBackedUp, onWallets, wrong }: WalletDeskOptions): WalletDesk {
  const events = listeners<{ change: undefined }>();
  let open: Open | null = null;
  let forgetting: NodeJS.Timeout | undefined;

  function forget(): void {
    clearTimeout(forgetting);
    if (open) Object.assign(open, { words: null, quiz: null });
  }

  function end(): void {
    forget();
    open = null;
    events.emit('change', undefined);
  }

  /** Nobody is at the window any more: what was made stays, and its words are seen again for the password. */
  function keepForAWhile(): void {
    clearTimeout(forgetting);
    forgetting = setTimeout(end, WORDS_KEPT_MS);
    forgetting.unref();
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
    await noteBackedUp(mine.task.folder, made.coldkey, atMs);
    if (open === mine) forget();
    show(mine, { step: 'done', made: { ...made, backedUpAtMs: atMs } });
    onWallets();
  }

  return {
    async begin(order, { root, network }) {
      if (open?.task.step === 'working')
        throw new AppError('NOT_NOW', { what: 'Another wallet', state: 'working' });
      const { kind, name } = order;
      const folder = kind === 'backup' ? join(root, name) : await newWalletPath(root, name);
      forget();
      const id = randomUUID();
      const step = 'secret' as const;
      const task = { ...{ id, kind, network, name, folder, step }, words: order.words ?? 12 };
      open = { task: { ...task, made: null, problem: null }, root, words: null, quiz: null };
      events.emit('change', undefined);
      return id;
    },
    get task() {
      return open?.task ?? null;
    },
    onChange: (listener) => events.on('change', listener),
    async readBackup(id, typed, signal) {
      taskOf(id);
      return accountOfBackup(backupOf(typed), signal).catch(asTyped);
    },
    async giveSecret(id, secret, signal) {
      const mine = taskOf(id);
      if (mine.task.step !== 'secret') throw new AppError('NOT_NOW', { what: 'This', state: mine.task.step });
      // What is new has no password that could be guessed.
      const tries = mine.task.kind === 'backup' ? wrong.at(join(mine.task.folder, COLDKEY_FILE)) : null;
      tries?.mayTry();
      show(mine, { step: 'working', problem: null });
      try {
        const { words, made } = await keysOf(mine, secret, signal);
        tries?.forget();
        onWallets();
        if (mine.task.kind === 'restore') return await proved(mine, made);
        if (open !== mine) return;
        mine.words = words;
        keepForAWhile();
        show(mine, { step: 'words', made });
      } catch (thrown) {
        const problem = toCodedError(thrown);
        if (problem.code === 'KEY_PASSWORD_WRONG') tries?.missed();
        // What was stopped by the person is no problem to tell.
        show(mine, { step: 'secret', problem: problem.code === 'CANCELLED' ? null : problem });
        throw thrown;
      }
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

interface Keys {
  readonly words: readonly string[];
  readonly made: WalletMade;
}

/** Makes the wallet, or opens the one that is there. Passwords are not kept. */
async function keysOf({ task, root }: Open, secret: WalletSecret, signal: AbortSignal): Promise<Keys> {
  const { kind, name, folder } = task;
  const { password } = secret;
  if (kind === 'backup') {
    const { text, address } = await openedBackup(folder, password, signal);
    return { words: writtenBackup(text), made: { coldkey: address, hotkey: null, backedUpAtMs: null } };
  }
  if (!isLongEnough(password)) throw new AppError('PASSWORD_TOO_SHORT', { least: PASSWORD_CHARS_MIN });
  if (kind === 'restore' && !secret.backup) throw new AppError('BACKUP_INVALID');
  const backup = kind === 'make' ? newPhrase(task.words) : backupOf(secret.backup ?? new Uint8Array());
  const { coldkey, hotkey } = await createWallet(root, { name, backup, password }, signal).catch(asTyped);
  return { words: writtenBackup(backup), made: { coldkey, hotkey, backedUpAtMs: null } };
}

const backupOf = (typed: Uint8Array): string => plainBackup(new TextDecoder().decode(typed));

/** Words that were typed lie in no file. @throws {AppError} */
function asTyped(thrown: unknown): never {
  if (thrown instanceof AppError && thrown.code === 'KEY_PHRASE_WORD')
    throw new AppError('BACKUP_WORD', { word: thrown.params.word ?? '?' });
  if (thrown instanceof AppError && thrown.code === 'KEY_PHRASE_INVALID')
    throw new AppError('BACKUP_INVALID');
  throw thrown;
}
