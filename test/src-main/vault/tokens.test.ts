import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOKENS_MAX } from '../../../src-main/vault/limits.ts';
import { secretOfText } from '../../../src-main/vault/tokens/secret-text.ts';
import { openTokens, type TokenPlaces } from '../../../src-main/vault/tokens.ts';
import type { TokenSecret } from '../../../src-shared/contract/page/tokens.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { FakeKeychain } from '../../fakes/fake-keychain.ts';

const HUB: TokenSecret = { kind: 'hub', token: 'hf_CanaryOfTheHub0123456789' };
const OTHER: TokenSecret = { kind: 'hub', token: 'hf_AnotherOfTheHub9876543210' };
const S3: TokenSecret = { kind: 's3', accessKeyId: 'AKIACANARY', secretAccessKey: 'CanaryOfTheStore/+=' };
const NOW_MS = 1_700_000_000_000;

let dataDir: string;
let notices: CodedError[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-tokens-'));
  notices = [];
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const fileOf = (name: string) => join(dataDir, 'vault', 'tokens', `${name}.json`);
const open = (places: Partial<TokenPlaces> = {}) =>
  openTokens({
    dataDir,
    credentialsDir: undefined,
    now: () => NOW_MS,
    told: (notice) => notices.push(notice),
    signal: new AbortController().signal,
    ...places,
  });
const locking = (keychain: FakeKeychain) => open({ keychain: async () => keychain });
/** Somewhere in the file, in any text that it could stand in. */
async function stands(secret: string, name: string): Promise<boolean> {
  const text = await readFile(fileOf(name), 'utf8');
  return [
    secret,
    Buffer.from(secret).toString('base64').slice(0, -4),
    Buffer.from(secret).toString('hex'),
  ].some((form) => text.includes(form));
}

describe('a token', () => {
  it('is revealed as it was set, and outlives its host', async () => {
    await open().set('hub', HUB);
    await open().set('bucket-1', S3);
    expect(await open().reveal('hub', 'hub')).toEqual(HUB);
    expect(await open().reveal('bucket-1', 's3')).toEqual(S3);
  });

  it('is replaced by the next one of its name', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    await tokens.set('hub', OTHER);
    expect(await tokens.reveal('hub', 'hub')).toEqual(OTHER);
  });

  it('is listed by name, without a letter of its value', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    await tokens.set('bucket-1', S3);
    expect(await tokens.list()).toEqual([
      { name: 'bucket-1', kind: 's3', keptBy: 'file', setAtMs: NOW_MS },
      { name: 'hub', kind: 'hub', keptBy: 'file', setAtMs: NOW_MS },
    ]);
  });

  it('shows in no inspection of what holds it', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    await tokens.reveal('hub', 'hub');
    expect(inspect(tokens, { depth: 9, showHidden: true })).not.toContain('Canary');
  });

  it('lies where only its user reads', { skip: process.platform === 'win32' }, async () => {
    await open().set('hub', HUB);
    expect((await stat(fileOf('hub'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'vault', 'tokens'))).mode & 0o777).toBe(0o700);
  });

  it('is gone once it is forgotten, from the disk too', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    await tokens.forget('hub');
    expect(await readdir(join(dataDir, 'vault', 'tokens'))).toEqual([]);
    await expect(tokens.reveal('hub', 'hub')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
    await expect(tokens.forget('hub')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
  });

  it('is gone with what a crash and damage left of it, and no other one with it', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    await tokens.set('hub-2', OTHER);
    const left = [`${fileOf('hub')}.0123456789ab.new`, `${fileOf('hub')}.damaged-1`];
    for (const path of left) await writeFile(path, await readFile(fileOf('hub')));
    await tokens.forget('hub');
    expect(await readdir(join(dataDir, 'vault', 'tokens'))).toEqual(['hub-2.json']);
    await writeFile(left[1] ?? '', 'damaged before it was forgotten');
    await tokens.forget('hub');
    expect(await readdir(join(dataDir, 'vault', 'tokens'))).toEqual(['hub-2.json']);
  });

  it('is not given out as one of another kind', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    await expect(tokens.reveal('hub', 'wandb')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
  });

  it('that a terminal sets beside this host counts at the next job', async () => {
    const [host, terminal] = [open(), open()];
    await host.set('hub', HUB);
    await Promise.all([terminal.set('hub', OTHER), host.set('bucket-1', S3)]);
    expect(await host.reveal('hub', 'hub')).toEqual(OTHER);
    expect((await terminal.list()).map(({ name }) => name)).toEqual(['bucket-1', 'hub']);
  });

  it.each(['', 'Hub', 'a b', '../hub', '-hub', 'hub-', 'a'.repeat(33), 'hub.json'])(
    'is not called “%s”',
    async (name) => {
      await expect(open().set(name, HUB)).rejects.toMatchObject({ code: 'TOKEN_NAME_INVALID' });
      await expect(open().reveal(name, 'hub')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
    },
  );

  it('beyond the last that is kept is refused, and the others are replaced still', async () => {
    const tokens = open();
    for (let at = 0; at < TOKENS_MAX; at++) await tokens.set(`t${at}`, HUB);
    await expect(tokens.set('more', HUB)).rejects.toMatchObject({ code: 'TOKENS_FULL' });
    await tokens.set('t0', OTHER);
    expect(await tokens.reveal('t0', 'hub')).toEqual(OTHER);
  });

  it('whose file is damaged is set aside, told, and never written over', async () => {
    const tokens = open();
    await tokens.set('hub', HUB);
    const text = (await readFile(fileOf('hub'), 'utf8')).replace('Canary', 'Canarx');
    await writeFile(fileOf('hub'), text);
    await tokens.set('hub', OTHER);
    expect(notices).toEqual([
      { code: 'FILE_DAMAGED', params: { path: fileOf('hub'), movedTo: `${fileOf('hub')}.damaged-1` } },
    ]);
    expect(await readFile(`${fileOf('hub')}.damaged-1`, 'utf8')).toBe(text);
    expect(await tokens.reveal('hub', 'hub')).toEqual(OTHER);
    expect((await tokens.list()).map(({ name }) => name)).toEqual(['hub']);
  });
});

describe('a token that the keychain locked', () => {
  it('is nowhere in its file', async () => {
    const tokens = locking(new FakeKeychain());
    await tokens.set('hub', HUB);
    expect(await stands(HUB.kind === 'hub' ? HUB.token : '', 'hub')).toBe(false);
    expect(await tokens.reveal('hub', 'hub')).toEqual(HUB);
    expect(await tokens.list()).toMatchObject([{ name: 'hub', keptBy: 'keychain' }]);
  });

  it.each([
    ['no keychain', undefined],
    ['a keychain that is none', async () => null],
    ['the keychain of somebody else', async () => new FakeKeychain()],
  ])('stays locked, and its file untouched, where there is %s', async (_what, keychain) => {
    await locking(new FakeKeychain()).set('hub', HUB);
    const before = await readFile(fileOf('hub'));
    const there = open(keychain ? { keychain } : {});
    await expect(there.reveal('hub', 'hub')).rejects.toMatchObject({
      code: 'TOKEN_LOCKED',
      params: { name: 'hub' },
    });
    await expect(there.test('hub')).rejects.toMatchObject({ code: 'TOKEN_LOCKED' });
    expect(await readFile(fileOf('hub'))).toEqual(before);
    expect(await there.list()).toMatchObject([{ name: 'hub', keptBy: 'keychain' }]);
    expect(notices).toEqual([]);
  });

  it('is locked anew before the key that locked it is gone', async () => {
    const keychain = new FakeKeychain();
    const tokens = locking(keychain);
    await tokens.set('hub', HUB);
    keychain.exchangeKey();
    await tokens.test('hub');
    keychain.dropOldKeys();
    expect(await tokens.reveal('hub', 'hub')).toEqual(HUB);
    expect(await tokens.list()).toMatchObject([{ setAtMs: NOW_MS }]);
  });

  it('is not locked anew over one that was set meanwhile', async () => {
    const keychain = new FakeKeychain();
    await locking(keychain).set('hub', HUB);
    keychain.exchangeKey();
    const slow = {
      lock: (text: string) => keychain.lock(text),
      async open(locked: Uint8Array) {
        const opened = await keychain.open(locked);
        await open().set('hub', OTHER);
        return opened;
      },
    };
    expect(await open({ keychain: async () => slow }).reveal('hub', 'hub')).toEqual(HUB);
    expect(await open().reveal('hub', 'hub')).toEqual(OTHER);
  });

  describe('by a user who is not there to unlock it', () => {
    const never = new Promise<never>(() => undefined);
    const silent = { lock: () => never, open: () => never };
    const waiting = (places: Partial<TokenPlaces> = {}) =>
      open({ keychain: async () => silent, keychainLimitMs: 50, ...places });

    it('is said to be locked, and to be refused, once the keychain was waited for long enough', async () => {
      await locking(new FakeKeychain()).set('hub', HUB);
      await expect(waiting().reveal('hub', 'hub')).rejects.toMatchObject({ code: 'TOKEN_LOCKED' });
      await expect(waiting().set('hub', OTHER)).rejects.toMatchObject({ code: 'KEYCHAIN_REFUSED' });
      await expect(waiting({ keychain: () => never }).reveal('hub', 'hub')).rejects.toMatchObject({
        code: 'TOKEN_LOCKED',
      });
    });

    it('keeps nobody from the list meanwhile, nor from a token that lies in a file', async () => {
      await locking(new FakeKeychain()).set('hub', HUB);
      await open().set('wandb', { kind: 'wandb', apiKey: 'plain' });
      const ending = new AbortController();
      const tokens = waiting({ keychainLimitMs: 600_000, signal: ending.signal });
      const locked = tokens.reveal('hub', 'hub');
      expect((await tokens.list()).map(({ name }) => name)).toEqual(['hub', 'wandb']);
      expect(await tokens.reveal('wandb', 'wandb')).toMatchObject({ apiKey: 'plain' });
      ending.abort();
      await expect(locked).rejects.toMatchObject({ code: 'TOKEN_LOCKED' });
    });
  });

  it('leaves the one before where the keychain refuses, and nothing of it in the error', async () => {
    await open().set('hub', HUB);
    const refusing = {
      lock: async (text: string) => Promise.reject(new Error(`cannot lock ${text}`)),
      open: async () => Promise.reject(new Error('cannot')),
    };
    const thrown: unknown = await open({ keychain: async () => refusing })
      .set('hub', OTHER)
      .catch((one: unknown) => one);
    expect(thrown).toMatchObject({ code: 'KEYCHAIN_REFUSED' });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain('AnotherOfTheHub');
    expect(await open().reveal('hub', 'hub')).toEqual(HUB);
  });

  it('set plainly is not locked behind the back of who runs without a window', async () => {
    await open().set('hub', HUB);
    expect(await locking(new FakeKeychain()).reveal('hub', 'hub')).toEqual(HUB);
    expect(await open().reveal('hub', 'hub')).toEqual(HUB);
  });
});

describe('a token that systemd hands to the service', () => {
  let credentialsDir: string;
  beforeEach(async () => {
    credentialsDir = join(dataDir, 'credentials');
    await mkdir(credentialsDir);
  });
  const give = (file: string, text: string) => writeFile(join(credentialsDir, file), text);

  it('counts, before what lies in the data folder', async () => {
    await open().set('hub', HUB);
    await give('butterfly.hub.hub', 'hf_OfTheService\n');
    await give('butterfly.s3.bucket-1', 'AKIA1\nsecret/+\n');
    await give('something.else', 'no token');
    const tokens = open({ credentialsDir });
    expect(await tokens.reveal('hub', 'hub')).toEqual({ kind: 'hub', token: 'hf_OfTheService' });
    expect(await tokens.reveal('bucket-1', 's3')).toEqual({
      kind: 's3',
      accessKeyId: 'AKIA1',
      secretAccessKey: 'secret/+',
    });
    expect(await tokens.list()).toEqual([
      { name: 'bucket-1', kind: 's3', keptBy: 'service', setAtMs: null },
      { name: 'hub', kind: 'hub', keptBy: 'service', setAtMs: null },
    ]);
  });

  it('is changed where the service has it from', async () => {
    await give('butterfly.hub.hub', 'hf_OfTheService');
    const tokens = open({ credentialsDir });
    await expect(tokens.set('hub', HUB)).rejects.toMatchObject({ code: 'TOKEN_OF_SERVICE' });
    await expect(tokens.forget('hub')).rejects.toMatchObject({ code: 'TOKEN_OF_SERVICE' });
  });

  it.each(['', '  ', 'two words', 'a\nb', 'x'.repeat(9_000)])(
    'and is none (%#) is said to be none',
    async (text) => {
      await give('butterfly.hub.hub', text);
      await expect(open({ credentialsDir }).reveal('hub', 'hub')).rejects.toMatchObject({
        code: 'TOKEN_INVALID',
      });
    },
  );
});

describe('a token as text', () => {
  it('is the same whatever ends its lines', () => {
    const visible = fc.stringMatching(/^[\x21-\x7e]{1,64}$/);
    fc.assert(
      fc.property(visible, visible, fc.constantFrom('\n', '\r\n'), (first, second, end) => {
        expect(secretOfText('wandb', first + end)).toEqual({ kind: 'wandb', apiKey: first });
        expect(secretOfText('s3', first + end + second)).toEqual({
          kind: 's3',
          accessKeyId: first,
          secretAccessKey: second,
        });
      }),
    );
  });

  it('holds nothing that could end a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const secret = secretOfText('hub', text);
        if (secret?.kind === 'hub') expect(secret.token).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});
