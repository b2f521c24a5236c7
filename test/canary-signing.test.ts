import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Host, startHost } from '../src-main/host.ts';
import { accountText } from '../src-main/vault/account-text.ts';
import { accountSecrets, formsOf, foundIn, type Secret } from './secret-forms.ts';

const PASSWORD = 'canary password 7f3a';
const BROUGHT = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const WRONG = 'another canary 51be';
const KEY_MS = 300_000;
const typed = (text: string) => new TextEncoder().encode(text);
const shown = (value: unknown) =>
  Buffer.concat([serialize(value), Buffer.from(inspect(value, { depth: 12, maxStringLength: Infinity }))]);

describe('what is typed and shown in the signing window', { timeout: KEY_MS }, () => {
  const said: Buffer[] = [];
  const toPage: Buffer[] = [];
  const toWindow: Buffer[] = [];
  let folder = '';
  let host: Host;
  let secrets: Secret[];
  let files: { readonly path: string; readonly bytes: Buffer }[];
  const given: Uint8Array[] = [];

  const secret = (password: string, backup: string | null = null) => {
    const one = { password: typed(password), backup: backup === null ? null : typed(backup) };
    given.push(one.password, ...(one.backup ? [one.backup] : []));
    return one;
  };

  beforeAll(async () => {
    for (const level of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((...parts) => void said.push(shown(parts)));
    folder = await mkdtemp(join(tmpdir(), 'butterfly-canary-'));
    vi.stubEnv('HOME', join(folder, 'home'));
    const dataDir = join(folder, 'data');
    const rest = { adversary: null, extraEnv: {}, echoLog: false, askToEnd: () => undefined };
    host = await startHost({ dataDir, shell: 'electron', ...rest });
    host.connect({ patch: (sections) => void toPage.push(shown(sections)) });
    host.signing.connect({ patch: (view) => void toWindow.push(shown(view)) });
    const { api } = host.signing;

    const id = await host.api.startWalletTask({ kind: 'make', network: 'finney', name: 'main', words: 12 });
    await api.giveSecret(id, secret(PASSWORD));
    const words = await api.showWords(id);
    const quiz = await api.startQuiz(id);
    await api.answerQuiz(id, ['no', 'no', 'no']);
    expect(
      await api.answerQuiz(
        id,
        quiz.map(({ place }) => words[place - 1] ?? ''),
      ),
    ).toBe('right');

    const again = { kind: 'restore', network: 'finney', name: 'again', words: null } as const;
    const restored = await host.api.startWalletTask(again);
    await api.readBackup(restored, secret('', words.join(' ')).backup ?? typed(''));
    await api.giveSecret(restored, secret(PASSWORD, words.join(' ')));

    const imported = await host.api.startWalletTask({ ...again, kind: 'import', name: 'brought' });
    const brought = accountText(BROUGHT).secret;
    const brings = [{ path: 'coldkey', bytes: typed(brought) }];
    given.push(...brings.map(({ bytes }) => bytes));
    await api.bring(imported, { kind: 'file', name: 'coldkey', files: brings });
    await api.giveSecret(imported, secret(PASSWORD));

    const backup = await host.api.startWalletTask({
      kind: 'backup',
      network: 'finney',
      coldkey: accountText(words.join(' ')).address,
    });
    await api.giveSecret(backup, secret(WRONG)).catch((thrown: unknown) => said.push(shown(thrown)));
    host.noteProblem(new Error('a problem that is logged', { cause: host.signing }));
    const phrase = words.join(' ');
    const file = JSON.parse(accountText(phrase).secret) as { secretPhrase: string; secretSeed: string };
    secrets = [
      ...accountSecrets('the coldkey', file),
      ...accountSecrets('what was brought', JSON.parse(brought)),
      { name: 'password', forms: formsOf(typed(PASSWORD)) },
      { name: 'wrong password', forms: formsOf(typed(WRONG)) },
    ];
    toPage.push(shown(await host.api.view()));
    toWindow.push(shown(await api.view()));
    said.push(Buffer.from((await host.api.logLines(null)).lines.join('\n')));
    await host.stop();
    files = await filesIn(folder);
  }, KEY_MS);
  afterAll(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  it('is found by this search where it is looked for', () => {
    for (const one of secrets)
      for (const form of one.forms)
        expect(foundIn(Buffer.concat([Buffer.from('a'), form]), [one])).toHaveLength(1);
  });

  it('lies in no file, the locked coldkeys among them', () => {
    const paths = files.map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith('/coldkey'))).toHaveLength(3);
    expect(paths.some((path) => path.endsWith('ledger.db'))).toBe(true);
    for (const { path, bytes } of files)
      expect({ path, found: foundIn(bytes, secrets) }).toEqual({ path, found: [] });
  });

  it('is in nothing that was printed or logged', () => {
    expect(foundIn(Buffer.concat(said), secrets)).toEqual([]);
  });

  it('goes to no page', () => {
    expect(Buffer.concat(toPage).includes('backedUpAtMs')).toBe(true);
    expect(foundIn(Buffer.concat(toPage), secrets)).toEqual([]);
  });

  it('stands in no view of the signing window either: words are answered once, to who asks', () => {
    expect(toWindow.length).toBeGreaterThan(4);
    expect(foundIn(Buffer.concat(toWindow), secrets)).toEqual([]);
  });

  it('is overwritten where it came in', () => {
    expect(given.length).toBeGreaterThan(4);
    for (const bytes of given) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});

async function filesIn(folder: string): Promise<{ readonly path: string; readonly bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.map(async (path) => ({ path: relative(folder, path), bytes: await readFile(path) })),
  );
}
