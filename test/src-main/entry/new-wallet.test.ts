import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUpWallet } from '../../../src-main/entry/back-up-wallet.ts';
import type { Conversation } from '../../../src-main/entry/conversation.ts';
import { newWallet, restoreWallet } from '../../../src-main/entry/new-wallet.ts';
import { walletLines } from '../../../src-main/entry/run-wallet.ts';
import { accountText } from '../../../src-main/vault/account-text.ts';
import { backedUpAt } from '../../../src-main/vault/wallets/backup-note.ts';
import { readWallets } from '../../../src-main/vault/wallets/read-wallets.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { ADDRESS, PLAIN } from '../vault/locked-files.ts';

const { signal } = new AbortController();
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-new-wallet-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Someone at a terminal, who may forget words or go away. */
function person(passwords: readonly string[], { wrongOnce = false, leaves = false } = {}) {
  const screen: string[] = [];
  const all: string[] = [];
  const words = new Map<number, string>();
  const hidden = [...passwords];
  let isWrong = wrongOnce;
  const talk: Conversation = {
    say(line) {
      screen.push(line);
      all.push(line);
      for (const [, at, word] of line.matchAll(/(\d+) ([a-z]+)/g)) words.set(Number(at), word ?? '');
    },
    async ask(question) {
      if (leaves) throw new AppError('CANCELLED');
      const at = /^Word (\d+):$/.exec(question)?.[1];
      if (at === undefined) return '';
      if (isWrong) {
        isWrong = false;
        return 'butterfly';
      }
      return ` ${words.get(Number(at))?.toUpperCase()} `;
    },
    askHidden: async () => new TextEncoder().encode(hidden.shift() ?? ''),
    clear: () => void screen.splice(0),
  };
  return { talk, screen, all, words };
}

const wanted = (words: 12 | 24 = 12) => ({ root, name: 'mine', words });

describe('a wallet made at a terminal', () => {
  it('gives its address once its words are written down, and shows none of them then', async () => {
    const { talk, screen, words } = person(['long enough', 'long enough']);
    await newWallet(wanted(24), talk, signal);
    const [made] = await readWallets(root);
    expect(made?.coldkey).toMatchObject({ kind: 'locked', fault: null });
    expect(words.size).toBeGreaterThanOrEqual(24);
    expect(screen.join('\n')).toContain(made?.coldkey.address ?? 'an address');
    // A word alone may stand in any sentence: "address" is one of them.
    const shown = screen.join(' ');
    expect([...words].filter(([at, word]) => shown.includes(`${at} ${word}`))).toEqual([]);
    expect([...words].filter(([at, word]) => shown.includes(`${word} ${words.get(at + 1)}`))).toEqual([]);
    expect(walletLines([made!], root)[1]).toBe(`  coldkey  ${made?.coldkey.address}  locked`);
  });

  it('shows the words again to who has another one', async () => {
    const { talk, all } = person(['long enough', 'long enough'], { wrongOnce: true });
    await newWallet(wanted(), talk, signal);
    expect(all.filter((line) => line.startsWith('Write these'))).toHaveLength(2);
    expect(await readdir(root)).toEqual(['mine']);
  });
});

describe('a wallet whose words are asked for once more', () => {
  it('shows those that it was made with, for its password, and notes that they were proved', async () => {
    const made = person(['long enough', 'long enough']);
    await newWallet(wanted(), made.talk, signal);
    const again = person(['long enough'], { wrongOnce: true });
    await backUpWallet(wanted(), again.talk, signal);
    expect([1, 7, 12].map((at) => again.words.get(at))).toEqual([1, 7, 12].map((at) => made.words.get(at)));
    const [wallet] = await readWallets(root);
    const address = wallet?.coldkey.address ?? null;
    expect(again.screen.at(-1)).toContain(address ?? 'an address');
    expect(await backedUpAt(join(root, 'mine'), address)).toBeGreaterThan(0);
    const other = person(['another one']);
    await expect(backUpWallet(wanted(), other.talk, signal)).rejects.toMatchObject({
      code: 'KEY_PASSWORD_WRONG',
    });
  });

  it('is none that is not there', async () => {
    await expect(backUpWallet(wanted(), person(['long enough']).talk, signal)).rejects.toMatchObject({
      code: 'KEY_FILE_ABSENT',
    });
  });
});

describe('a wallet restored at a terminal', () => {
  /** Types these words, and Enter at every other question. */
  const typing = (typed: string) => {
    const { talk, all } = person(['long enough', 'long enough']);
    return {
      all,
      talk: { ...talk, ask: async (question: string) => (question.startsWith('The words') ? typed : '') },
    };
  };
  const { secretPhrase } = JSON.parse(PLAIN);

  it('is that of its words, however they are spaced and written, and its address is shown first', async () => {
    const { talk, all } = typing(`  ${secretPhrase.toUpperCase().replaceAll(' ', '   ')} `);
    await restoreWallet({ root, name: 'mine' }, talk, signal);
    const [made] = await readWallets(root);
    expect(made?.coldkey).toMatchObject({ kind: 'locked', address: ADDRESS });
    expect(all.findIndex((line) => line.includes(ADDRESS))).toBeLessThan(
      all.findIndex((line) => line.startsWith('The coldkey is locked')),
    );
  });

  it('is that of a seed, and says no phrase that nobody knows', async () => {
    const { secretSeed } = JSON.parse(PLAIN);
    const { talk } = typing(secretSeed.slice(2).toUpperCase());
    await restoreWallet({ root, name: 'mine' }, talk, signal);
    expect((await readWallets(root))[0]?.coldkey.address).toBe(ADDRESS);
    expect(JSON.parse(accountText(secretSeed).secret)).not.toHaveProperty('secretPhrase');
  });

  it.each([
    ['a seed that is short', '0x1234', 'KEY_PHRASE_WORD'],
    ['a word that is none', secretPhrase.replace('lake', 'laje'), 'KEY_PHRASE_WORD'],
    ['another word', secretPhrase.replace('lake', 'drive'), 'KEY_PHRASE_INVALID'],
    ['a word too few', secretPhrase.replace('lake ', ''), 'KEY_PHRASE_INVALID'],
    ['nothing', '', 'KEY_PHRASE_WORD'],
  ])('is not made of %s', async (_what, typed, code) => {
    const { talk } = typing(typed);
    await expect(restoreWallet({ root, name: 'mine' }, talk, signal)).rejects.toMatchObject({ code });
    expect(await readdir(root)).toEqual([]);
  });
});

describe('nothing is made', () => {
  it('by who goes away before the proof', async () => {
    const { talk } = person(['long enough', 'long enough'], { leaves: true });
    await expect(newWallet(wanted(), talk, signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(root)).toEqual([]);
  });

  it('with a password that is short or never the same twice', async () => {
    const { talk, all } = person([
      'short',
      'a long one',
      'another one',
      'äöüßéèê',
      'long 1234',
      'long 4321',
      '',
      '',
    ]);
    await expect(newWallet(wanted(), talk, signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(all.filter((line) => line.startsWith('Take 8 characters'))).toHaveLength(3);
    expect(all.filter((line) => line.includes('not the same'))).toHaveLength(2);
    expect(await readdir(root)).toEqual([]);
  });
});

it('says how a first wallet is made', () => {
  expect(walletLines([], '/home/you/.bittensor/wallets')).toEqual([
    'There is no wallet in /home/you/.bittensor/wallets. Make one with: npm start -- wallet --create default',
  ]);
});
