import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import { pipedSecret, tokenAtTerminal, typedSecret } from '../../../src-main/entry/run-token.ts';
import { entryPath } from '../../../src-main/entry-path.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../../../src-main/vault/limits.ts';
import { openTokens } from '../../../src-main/vault/tokens.ts';

const SECRET = 'hf_CanaryAtTheTerminal0123';
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'butterfly-token-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const kept = () =>
  openTokens({
    ...{ dataDir, credentialsDir: undefined, now: Date.now, told: () => undefined },
    signal: new AbortController().signal,
  });
async function run(...words: readonly string[]): Promise<number> {
  const read = readCommandLine(['token', ...words, '--data-dir', dataDir]);
  if (read.kind !== 'run' || read.asked.name !== 'token') throw new Error('no such command');
  return tokenAtTerminal(read.asked.said, new AbortController().signal);
}

/** The built-in way: a process of its own with a pipe for its input. */
async function piped(input: string, ...words: readonly string[]) {
  const child = spawn(process.execPath, [entryPath('serve'), 'token', ...words, '--data-dir', dataDir]);
  child.stdin.end(input);
  const [said, refused, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { said, refused, code };
}

describe('a token at a terminal', () => {
  it('comes by a pipe, and nothing of it is said', async () => {
    const { said, refused, code } = await piped(`${SECRET}\n`, 'set', 'hub');
    expect({ refused, code }).toEqual({ refused: '', code: 0 });
    expect(said).toContain('“hub” (Hugging Face Hub) is kept in a file that only you may read');
    expect(said).not.toContain('Canary');
    expect(await kept().reveal('hub', 'hub')).toEqual({ kind: 'hub', token: SECRET });
  });

  it('that is none is refused, and not repeated', async () => {
    const { refused, code } = await piped(`${SECRET} ${SECRET}`, 'set', 'hub');
    expect(code).toBe(1);
    expect(refused).toContain('That is no secret of this kind of service (hub).');
    expect(refused).not.toContain('Canary');
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('is typed where nobody sees it, each of the two keys of a store by itself', async () => {
    const asked: string[] = [];
    const given = ['AKIA1 ', 'secret/+'].map((one) => new TextEncoder().encode(one));
    const left = [...given];
    const talk = {
      say: () => undefined,
      ask: async () => Promise.reject(new Error('asked aloud')),
      clear: () => undefined,
      async askHidden(question: string) {
        asked.push(question);
        return left.shift() ?? new Uint8Array();
      },
    };
    expect(await typedSecret('s3', talk)).toEqual({
      kind: 's3',
      accessKeyId: 'AKIA1',
      secretAccessKey: 'secret/+',
    });
    expect(asked).toHaveLength(2);
    expect(given.every((typed) => typed.every((byte) => byte === 0))).toBe(true);
  });

  it('of a pipe without an end is cut off', async () => {
    const input = new PassThrough();
    input.write('x'.repeat(TOKEN_TEXT_BYTES_MAX + 1));
    await expect(pipedSecret('hub', input, new AbortController().signal)).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
    });
  });

  it('is not waited for once somebody leaves', async () => {
    const leaving = new AbortController();
    const waiting = pipedSecret('hub', new PassThrough(), leaving.signal);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is forgotten by its name', async () => {
    await kept().set('other-1', { kind: 'wandb', apiKey: 'key' });
    expect(await run('forget', 'other-1')).toBe(0);
    expect(await kept().list()).toEqual([]);
    await expect(run('forget', 'other-1')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
  });

  it.each([
    [[], 'OPTION_MISSING'],
    [['set'], 'OPTION_MISSING'],
    [['forget'], 'OPTION_MISSING'],
    [['set', 'mine'], 'OPTION_MISSING'],
    [['set', 'Mine'], 'WORD_INVALID'],
    [['set', 'hub', SECRET], 'WORD_UNEXPECTED'],
    [['list', 'hub'], 'WORD_UNEXPECTED'],
    [['forget', 'hub', '--kind', 'hub'], 'OPTION_NEEDS'],
    [['set', 'hub', '--json'], 'OPTION_NEEDS'],
  ])('is refused where a word would have no effect: %j', async (words, code) => {
    await expect(run(...words)).rejects.toMatchObject({ code });
  });
});
