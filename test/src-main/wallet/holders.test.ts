import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoWaitReady, sr25519Verify } from '@polkadot/util-crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKeys } from '../../../src-main/join/keys.ts';
import type { MoneyKey } from '../../../src-main/vault/money-key.ts';
import { openHolders } from '../../../src-main/wallet/holders.ts';
import { openShelf, type Shelf } from '../../../src-main/wallet/shelf.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { HOTKEY } from './desk-rig.ts';

const { signal } = new AbortController();
const call = new Uint8Array([5, 3, 1, 2, 3]);
const genesis = 'ab'.repeat(32);
const tail = Uint8Array.from(Buffer.from(`000400${'01'.repeat(8)}${genesis}${'cd'.repeat(32)}00`, 'hex'));
const payload = new Uint8Array([...call, ...tail]);
const approval = { call, genesisHash: hex(genesis) };
const password = () => new TextEncoder().encode('a password');

describe('keys that a practice made', () => {
  let folder = '';
  let shelf: Shelf;
  let coldkey: Ss58;
  beforeAll(() => cryptoWaitReady());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-holders-'));
    ({ coldkey } = await makeKeys(join(folder, 'practice', 'miner', 'vault')));
    shelf = await openShelf({
      ...{
        root: () => join(folder, 'wallets'),
        ownKeys: join(folder, 'keys'),
        told: () => undefined,
        signal,
      },
    });
    shelf.lend({ folder: join(folder, 'practice', 'miner', 'vault'), network: 'practice' });
    await shelf.refresh();
    return async () => {
      shelf.stop();
      await rm(folder, { recursive: true });
    };
  });

  it('sign on their network what was looked over, without a password', async () => {
    const holder = openHolders(shelf).of(coldkey, 'practice');
    expect(holder.opens).toBe('plain');
    await holder.open(null, signal);
    const signer = holder.signer(() => approval);
    expect(signer.isUnderPassword).toBeFalsy();
    expect(sr25519Verify(payload, await signer.sign(payload), publicKeyOf(coldkey) ?? '')).toBe(true);
  });

  it('sign nowhere else', async () => {
    const holder = openHolders(shelf).of(coldkey, 'finney');
    expect(holder.opens).toBe('elsewhere');
    await expect(holder.open(null, signal)).rejects.toMatchObject({ code: 'COLDKEY_NOT_HERE' });
  });
});

describe('a coldkey', () => {
  it('that is on another computer signs nothing, and is told by its address', async () => {
    const holder = openHolders({ coldkeyOf: () => null }).of(HOTKEY, 'finney');
    expect(holder).toMatchObject({ opens: 'elsewhere', walletName: null });
    await expect(holder.open(password(), signal)).rejects.toMatchObject({
      code: 'COLDKEY_NOT_HERE',
      params: { address: HOTKEY },
    });
    expect(() => holder.signer(() => approval)).toThrow(
      expect.objectContaining({ code: 'COLDKEY_NOT_HERE' }),
    );
  });

  it('under a password stays one key, so that wrong passwords are counted over all orders', () => {
    const made: string[] = [];
    const place = { walletName: 'mine', opens: 'password', isUsers: true, path: '/w/coldkey' } as const;
    const open = ({ address }: { readonly address: Ss58 }): MoneyKey => {
      made.push(address);
      return {
        address,
        isOpen: false,
        unlock: async () => undefined,
        lock: () => made.push('locked'),
        sign: async () => payload,
      };
    };
    const holders = openHolders({ coldkeyOf: () => place }, open);
    const other = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
    for (const _ of [1, 2]) expect(holders.of(HOTKEY, 'finney').opens).toBe('password');
    expect(made).toEqual([HOTKEY]);
    // Another wallet in the same place is another key.
    holders.of(other, 'finney');
    expect(made).toEqual([HOTKEY, 'locked', other]);
    expect(holders.of(other, 'finney').signer(() => approval).isUnderPassword).toBe(true);
  });
});
