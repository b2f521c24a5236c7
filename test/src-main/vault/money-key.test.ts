import { cryptoWaitReady, encodeAddress, sr25519PairFromSeed, sr25519Verify } from '@polkadot/util-crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AUTO_LOCK_MS,
  WRONG_FREE,
  WRONG_WAIT_FIRST_MS,
  WRONG_WAIT_MAX_MS,
} from '../../../src-main/vault/limits.ts';
import { type MoneyKey, moneyKey } from '../../../src-main/vault/money-key.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const { signal } = new AbortController();
const path = '/w/coldkey';
const right = new TextEncoder().encode('right');
const wrong = new TextEncoder().encode('wrong');
const call = new Uint8Array([7, 88, 1, 2, 3]);
const genesis = 'ab'.repeat(32);
const tail = Uint8Array.from(Buffer.from(`000400${'01'.repeat(8)}${genesis}${'cd'.repeat(32)}00`, 'hex'));
const payload = new Uint8Array([...call, ...tail]);
const approval = () => ({ call, genesisHash: hex(genesis) });

let address = ss58('');
let nowMs = 0;
let key: MoneyKey;
let locked: number;
/** The secrets that were handed out, as they are now. */
let secrets: Uint8Array[];

beforeAll(() => cryptoWaitReady());
beforeEach(() => {
  const seed = new Uint8Array(32).fill(9);
  address = ss58(encodeAddress(sr25519PairFromSeed(seed).publicKey, 42));
  nowMs = 1_000_000;
  locked = 0;
  secrets = [];
  key = moneyKey(
    { path, address, onLocked: () => locked++ },
    {
      nowMs: () => nowMs,
      async open(_path, password) {
        if (password !== right) throw new AppError('KEY_PASSWORD_WRONG', { path });
        const pair = sr25519PairFromSeed(seed);
        secrets.push(pair.secretKey);
        return pair;
      },
    },
  );
  return () => key.lock();
});

describe('a coldkey', () => {
  it('signs nothing before it is opened', async () => {
    await expect(key.sign(payload, approval())).rejects.toMatchObject({ code: 'KEY_LOCKED' });
  });

  it('signs an approved call so that the chain verifies it, and only once', async () => {
    await key.unlock(right, signal);
    const given = approval();
    const signature = await key.sign(payload, given);
    expect(sr25519Verify(payload, signature, publicKeyOf(address) ?? '')).toBe(true);
    await expect(key.sign(payload, given)).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
    await expect(key.sign(payload, approval())).resolves.toHaveLength(64);
  });

  it.each<[string, Uint8Array]>([
    ['another amount', payload.map((byte, at) => (at === 4 ? 9 : byte))],
    ['another call before it', new Uint8Array([2, 0, ...payload])],
    ['another chain', payload.map((byte, at) => (at === call.length + 12 ? 0 : byte))],
    ['much behind it', new Uint8Array([...payload, ...new Uint8Array(300)])],
    ['nothing behind it', call],
  ])('does not sign a payload with %s', async (_what, other) => {
    await key.unlock(right, signal);
    await expect(key.sign(other, approval())).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
  });

  it('does not take an empty call for approved', async () => {
    await key.unlock(right, signal);
    const none = { call: new Uint8Array(), genesisHash: hex(genesis) };
    await expect(key.sign(payload, none)).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
  });

  it('forgets its secret when it is locked', async () => {
    await key.unlock(right, signal);
    expect(secrets[0]?.some((byte) => byte !== 0)).toBe(true);
    key.lock();
    expect([key.isOpen, locked, secrets[0]?.every((byte) => byte === 0)]).toEqual([false, 1, true]);
    await expect(key.sign(payload, approval())).rejects.toMatchObject({ code: 'KEY_LOCKED' });
  });

  it('locks itself by a timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await key.unlock(right, signal);
      vi.advanceTimersByTime(AUTO_LOCK_MS);
      expect([locked, secrets[0]?.every((byte) => byte === 0)]).toEqual([1, true]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['the computer slept', AUTO_LOCK_MS],
    ['the clock was set back', -1],
  ])('is locked after %s', async (_what, laterMs) => {
    await key.unlock(right, signal);
    nowMs += laterMs;
    await expect(key.sign(payload, approval())).rejects.toMatchObject({ code: 'KEY_LOCKED' });
    expect(locked).toBe(1);
  });

  it('makes who guesses wait, ever longer, and a right password ends that', async () => {
    for (let miss = 0; miss < WRONG_FREE; miss++)
      await expect(key.unlock(wrong, signal)).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
    const seconds = WRONG_WAIT_FIRST_MS / 1_000;
    await expect(key.unlock(right, signal)).rejects.toMatchObject({
      code: 'KEY_PASSWORD_WAIT',
      params: { seconds },
    });
    nowMs += WRONG_WAIT_FIRST_MS;
    await expect(key.unlock(wrong, signal)).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
    await expect(key.unlock(right, signal)).rejects.toMatchObject({ params: { seconds: 2 * seconds } });
    nowMs += WRONG_WAIT_MAX_MS;
    await key.unlock(right, signal);
    await expect(key.unlock(wrong, signal)).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
    await key.unlock(right, signal);
  });

  it('of another account than its wallet says is not opened', async () => {
    const other = moneyKey(
      { path, address: ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY') },
      { nowMs: () => nowMs, open: async () => sr25519PairFromSeed(new Uint8Array(32).fill(9)) },
    );
    await expect(other.unlock(right, signal)).rejects.toMatchObject({ code: 'KEY_FILE_CONTRADICTS' });
    expect(other.isOpen).toBe(false);
  });
});
