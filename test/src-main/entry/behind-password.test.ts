import { describe, expect, it } from 'vitest';
import { behindPassword } from '../../../src-main/entry/behind-password.ts';
import { PASSWORD_TRIES } from '../../../src-main/entry/limits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

/** Somebody who types these, one after the other, and then leaves. */
function person(typed: readonly string[]) {
  const said: string[] = [];
  const given = typed.map((one) => new TextEncoder().encode(one));
  const left = [...given];
  const askHidden = async () => {
    const next = left.shift();
    if (!next) throw new AppError('CANCELLED');
    return next;
  };
  const talk = { say: (line: string) => void said.push(line), ask: async () => '', askHidden, clear() {} };
  return { talk, said, given, left };
}
const open = async (password: Uint8Array) => {
  const text = new TextDecoder().decode(password);
  if (text !== 'right') throw new AppError('KEY_PASSWORD_WRONG');
  return `opened by ${text}`;
};
const isWiped = (password: Uint8Array) => password.every((byte) => byte === 0);

describe('what lies behind a password', () => {
  it('is asked for until it opens, and no password outlives its try', async () => {
    const { talk, given, said } = person(['wrong', 'right']);
    expect(await behindPassword('Password:', open, talk)).toBe('opened by right');
    expect(said.filter((line) => line.startsWith('That is not its password'))).toHaveLength(1);
    expect(given.every(isWiped)).toBe(true);
  });

  it('is given up after so many wrong ones', async () => {
    const { talk, left } = person(new Array(PASSWORD_TRIES + 1).fill('wrong'));
    await expect(behindPassword('Password:', open, talk)).rejects.toThrow('KEY_PASSWORD_WRONG');
    expect(left).toHaveLength(1);
  });

  it('is not asked for again where another fault than the password keeps it shut', async () => {
    const { talk, left, given } = person(['right', 'right']);
    const broken = () => Promise.reject(new AppError('KEY_FILE_CORRUPT', { path: 'x' }));
    await expect(behindPassword('Password:', broken, talk)).rejects.toThrow('KEY_FILE_CORRUPT');
    expect(left).toHaveLength(1);
    expect(isWiped(given[0] ?? new Uint8Array(1))).toBe(true);
  });

  it('stays shut, and the person is left alone, once that person leaves', async () => {
    await expect(behindPassword('Password:', open, person([]).talk)).rejects.toThrow('CANCELLED');
  });
});
