import { join } from 'node:path';
import { expect, it } from 'vitest';
import { moneyKey } from '../../../src-main/vault/money-key.ts';
import { wrongPasswordsByFile } from '../../../src-main/vault/wrong-passwords.ts';
import { openWalletDesk } from '../../../src-main/wallet/set-up/wallet-desk.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { ss58 } from '../../../src-shared/units.ts';

const address = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const { signal } = new AbortController();
const password = () => new TextEncoder().encode('not this one');

it('are counted by the file, whoever opens it: an order, or its words once more', async () => {
  const root = '/nowhere/wallets';
  const path = join(root, 'main', 'coldkey');
  const wrong = wrongPasswordsByFile();
  const key = moneyKey(
    { path, address, wrong: wrong.at(path) },
    {
      nowMs: Date.now,
      async open() {
        throw new AppError('KEY_PASSWORD_WRONG', { path });
      },
    },
  );
  for (const _ of [1, 2, 3])
    await expect(key.unlock(password(), signal)).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });

  const desk = openWalletDesk({ wrong, noteBackedUp: async () => undefined, onWallets: () => undefined });
  const network = { name: 'lan', mark: 'TEST', isReal: false };
  const backUp = async (name: string) => {
    const id = await desk.begin({
      kind: 'backup',
      wallet: { name, folder: join(root, name), isUsers: false },
      network,
    });
    return desk.giveSecret(id, { password: password(), backup: null }, signal);
  };
  await expect(backUp('main')).rejects.toMatchObject({ code: 'KEY_PASSWORD_WAIT' });
  // Neither another file nor what came of it changes that.
  await expect(backUp('other')).rejects.toMatchObject({ code: 'KEY_FILE_ABSENT' });
  await expect(backUp('main')).rejects.toMatchObject({ code: 'KEY_PASSWORD_WAIT' });
  await expect(key.unlock(password(), signal)).rejects.toMatchObject({ code: 'KEY_PASSWORD_WAIT' });
});
