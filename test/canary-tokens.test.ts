import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBirpc } from 'birpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Host, pageDoor, startHost } from '../src-main/host.ts';
import { attachPage } from '../src-main/shells/page-rpc.ts';
import type { HostApi, UiApi } from '../src-shared/contract/page/api.ts';
import type { TokenSecret } from '../src-shared/contract/page/tokens.ts';
import { FakeKeychain } from './fakes/fake-keychain.ts';
import { type FakeServer, fakeServer } from './fakes/stores/fake-store.ts';
import { formsOf, foundIn, type Secret } from './secret-forms.ts';

const TOKENS = {
  hub: { kind: 'hub', token: 'hf_CanaryOfTheHub0123456789abcd' },
  wandb: { kind: 'wandb', apiKey: '0123456789canary0123456789canary01234567' },
  s3: { kind: 's3', accessKeyId: 'AKIACANARY0123456789', secretAccessKey: 'canary/Of+The/Store/0123456789' },
} as const satisfies Readonly<Record<string, TokenSecret>>;
const isLong = Boolean(process.env.BUTTERFLY_LONG);
const secrets: Secret[] = Object.values(TOKENS).flatMap(({ kind, ...fields }) =>
  Object.entries(fields).map(([field, value]) => ({
    name: `${kind} ${field}`,
    forms: formsOf(Buffer.from(value)),
  })),
);

interface Used {
  readonly dataDir: string;
  readonly host: Host;
  readonly page: HostApi;
  /** Everything that went to the page. */
  readonly toPage: readonly string[];
}

const used = {} as Record<'withKeychain' | 'without', Used>;
/** A bucket that refuses every key and quotes it, as careless services do. */
let refusing: FakeServer;

beforeAll(async () => {
  const { accessKeyId, secretAccessKey } = TOKENS.s3;
  const quoted = `<Error><Code>AccessDenied</Code><Message>${accessKeyId} ${secretAccessKey}</Message></Error>`;
  refusing = await fakeServer(() => ({ status: 403, body: quoted }));
  used.withKeychain = await start(new FakeKeychain());
  used.without = await start();
  await Promise.all(Object.values(used).map(useTokens));
});
afterAll(async () => {
  for (const { host, dataDir } of Object.values(used)) {
    await host.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  await refusing.stop();
});

async function start(keychain?: FakeKeychain): Promise<Used> {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-canary-tokens-'));
  const host = await startHost({
    ...{ dataDir, shell: 'web', adversary: null, extraEnv: {}, echoLog: false },
    ...(keychain ? { keychain: async () => keychain } : {}),
    askToEnd: () => undefined,
  });
  const toPage: string[] = [];
  const hears: ((message: unknown) => void)[] = [];
  const answers: ((message: unknown) => void)[] = [];
  attachPage(pageDoor(host), {
    post(message) {
      toPage.push(
        JSON.stringify(message, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}` : one)),
      );
      for (const answer of answers) answer(message);
    },
    on: (listener) => void hears.push(listener),
  });
  const page = createBirpc<HostApi, UiApi>(
    { patch: () => undefined },
    {
      post: (message: unknown) => {
        for (const hear of hears) hear(message);
      },
      on: (listener) => void answers.push(listener),
    },
  );
  return { dataDir, host, page, toPage };
}

/** By file below the data folder: which secrets stand in it. */
async function leaksOnDisk({ dataDir }: Used): Promise<Record<string, readonly string[]>> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const found: Record<string, readonly string[]> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const names = foundIn(Buffer.concat([Buffer.from(path), await readFile(path)]), secrets);
    if (names.length > 0) found[entry.name] = names;
  }
  return found;
}

/** All that a page may do with tokens, wrong calls too. */
async function useTokens({ page }: Used): Promise<void> {
  for (const [name, secret] of Object.entries(TOKENS)) await page.setToken(name, secret);
  for (const [name, secret] of Object.entries(TOKENS)) {
    await page.testToken(name);
    const wrong = { ...secret, ...{ more: 'than a token has' } };
    await page.setToken(name, wrong).catch(() => undefined);
    await page.setToken(`no name ${JSON.stringify(secret)}`, secret).catch(() => undefined);
    await page.forgetToken(Object.values(secret)[1] ?? '').catch(() => undefined);
  }
  // A bucket that refuses and, where there is time for all its tries, one that is not there; no folder is chosen.
  await page.setSetting('publishing.token', 's3');
  await page.setSetting('publishing.to', 's3');
  for (const endpoint of [new URL(refusing.url).host, ...(isLong ? ['127.0.0.1:1'] : [])]) {
    await page.setSetting('publishing.bucket', `${endpoint}/canary`);
    await page.testStore().catch(() => undefined);
  }
  await page.setSetting('publishing.token', 'hub');
  await page.setSetting('publishing.to', 'folder');
  await page.testStore().catch(() => undefined);
  await page.listTokens();
  await page.logLines(null);
  await page.view();
}

describe('tokens of services', () => {
  it('go to the bucket that is tried with them', () => {
    expect(refusing.asked.length).toBeGreaterThanOrEqual(Object.keys(used).length);
  });

  it('are told to the page by name, kind and place', async () => {
    const { page } = used.withKeychain;
    expect((await page.listTokens()).map(({ name, kind, keptBy }) => [name, kind, keptBy])).toEqual([
      ['hub', 'hub', 'keychain'],
      ['s3', 's3', 'keychain'],
      ['wandb', 'wandb', 'keychain'],
    ]);
  });

  it('reach the keychain and nothing else', async () => {
    await used.withKeychain.host.stop();
    expect(foundIn(Buffer.from(used.withKeychain.toPage.join('\n')), secrets)).toEqual([]);
    expect(await leaksOnDisk(used.withKeychain)).toEqual({});
  });

  it('lie in their own files alone where there is no keychain', async () => {
    await used.without.host.stop();
    expect(foundIn(Buffer.from(used.without.toPage.join('\n')), secrets)).toEqual([]);
    expect(await leaksOnDisk(used.without)).toEqual({
      'hub.json': ['hub token'],
      's3.json': ['s3 accessKeyId', 's3 secretAccessKey'],
      'wandb.json': ['wandb apiKey'],
    });
  });
});
