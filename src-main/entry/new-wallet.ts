import { randomInt } from 'node:crypto';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { isLongEnough, PASSWORD_CHARS_MIN } from '../../src-shared/password.ts';
import { accountText, newPhrase } from '../vault/account-text.ts';
import { plainBackup, writtenBackup } from '../vault/phrase.ts';
import { noteBackup } from '../vault/wallets/backup-note.ts';
import { createWallet, newWalletPath } from '../vault/wallets/create-wallet.ts';
import type { Conversation } from './conversation.ts';
import { PASSWORD_TRIES } from './limits.ts';

export interface WantedWallet {
  readonly root: string;
  readonly name: string;
  readonly words: 12 | 24;
}

const FOR_COLDKEY = 'Password for the coldkey (nothing is shown while you type):';
const QUIZ_WORDS = 3;
const WORDS_A_LINE = 4;

/**
 * Makes a wallet with the person at the terminal: password, words to write down, proof that they are, and only then
 * the address that money may be sent to. Whoever leaves before has made nothing.
 * @throws {AppError} CANCELLED, WALLET_EXISTS, or of the disk
 */
export async function newWallet(
  { root, name, words }: WantedWallet,
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  await newWalletPath(root, name);
  talk.say(
    'A wallet has two keys. The coldkey holds the money: it opens with a password, and its words are the only',
  );
  talk.say(
    'way back to it. The hotkey works for you without a password; it can lose a place, and never your money.',
  );
  talk.say('');
  await lockedWallet({ root, name }, talk, signal, async () => {
    const phrase = newPhrase(words);
    await backUp(writtenBackup(phrase), talk);
    return phrase;
  });
}

/**
 * Makes a wallet again from the words, the seed or the private key of its coldkey, once the person has seen which account that is.
 * @throws {AppError} of `accountText`, CANCELLED, WALLET_EXISTS, or of the disk
 */
export async function restoreWallet(
  { root, name }: Omit<WantedWallet, 'words'>,
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  const path = await newWalletPath(root, name);
  await lockedWallet({ root, name }, talk, signal, async () => {
    const typed = await talk.ask(
      'The words of the coldkey, in their order (or its seed, 64 digits of hex, or its private key, 128):',
    );
    talk.clear();
    const backup = plainBackup(typed);
    const { address } = accountText(backup, path);
    talk.say(`That stands for the account ${address} (sr25519).`);
    await talk.ask('Press Enter if that is your address, or Ctrl+C to leave: nothing has been written yet.');
    return backup;
  });
}

/** The wallet of a backup that the person has, under a password that is asked for first. */
export async function lockedWallet(
  { root, name }: Omit<WantedWallet, 'words'>,
  talk: Conversation,
  signal: AbortSignal,
  backupOf: () => Promise<string>,
): Promise<void> {
  const password = await newPassword(talk);
  try {
    const backup = await backupOf();
    talk.say('The coldkey is locked with your password. That takes some seconds.');
    const made = await createWallet(root, { name, backup, password }, signal);
    // Without the note the page asks for the words once more.
    await noteBackup(made.path, made.coldkey, Date.now()).catch(() => undefined);
    talk.say(`The wallet “${name}” lies in ${made.path}.`);
    talk.say(`Its address, for whatever is sent to it: ${made.coldkey}`);
    talk.say(`Its hotkey: ${made.hotkey}`);
  } finally {
    password.fill(0);
  }
}

/** Asks until it is long enough and the same twice. @throws {AppError} CANCELLED */
export async function newPassword(talk: Conversation, question = FOR_COLDKEY): Promise<Uint8Array> {
  for (let tried = 0; tried < PASSWORD_TRIES; tried++) {
    const password = await talk.askHidden(question);
    if (!isLongEnough(password)) {
      talk.say(
        `Take ${PASSWORD_CHARS_MIN} characters or more. Who has the file can try as many passwords as they like.`,
      );
      continue;
    }
    const again = await talk.askHidden('The same once more:');
    const isSame = Buffer.from(password).equals(again);
    again.fill(0);
    if (isSame) return password;
    password.fill(0);
    talk.say('The two were not the same.');
  }
  throw new AppError('CANCELLED');
}

/** Shows the words until the person has proved to have them. */
export async function backUp(words: readonly string[], talk: Conversation): Promise<void> {
  for (;;) {
    talk.say(
      `Write these ${words.length} words down, on paper and in their order. Whoever has them has the money.`,
    );
    talk.say('');
    for (const line of grid(words)) talk.say(line);
    talk.say('');
    await talk.ask('Press Enter when you have them. They are taken off the screen then.');
    talk.clear();
    if (await knows(words, talk)) return;
    talk.say('That was another word. Here they are once more.');
  }
}

function grid(words: readonly string[]): string[] {
  const cells = words.map((word, at) => `${String(at + 1).padStart(4)} ${word.padEnd(10)}`);
  const lines = Math.ceil(cells.length / WORDS_A_LINE);
  return Array.from({ length: lines }, (_, line) =>
    cells
      .slice(line * WORDS_A_LINE, (line + 1) * WORDS_A_LINE)
      .join('')
      .trimEnd(),
  );
}

async function knows(words: readonly string[], talk: Conversation): Promise<boolean> {
  for (const at of somePlaces(words.length)) {
    const typed = await talk.ask(`Word ${at + 1}:`);
    if (typed.trim().toLowerCase() !== words[at]) return false;
  }
  return true;
}

/** Different ones, in their order. */
function somePlaces(count: number): number[] {
  const places = new Set<number>();
  while (places.size < QUIZ_WORDS) places.add(randomInt(count));
  return [...places].sort((a, b) => a - b);
}
