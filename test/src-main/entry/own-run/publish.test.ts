import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseWords } from '../../../../src-main/commands/parse.ts';
import { type RunOptions, run } from '../../../../src-main/commands/run.ts';
import { publishProfile } from '../../../../src-main/entry/own-run/publish.ts';
import { ownRunAtTerminal } from '../../../../src-main/entry/run-own.ts';
import { profileAt } from '../../../../src-main/join/profile-at.ts';
import { openTokens } from '../../../../src-main/vault/tokens.ts';
import type { TokenSecret } from '../../../../src-shared/contract/page/tokens.ts';
import { profilePath } from '../../../../src-shared/profile/announcement.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../../src-shared/profile/shipped.ts';
import { parseStoreAddress } from '../../../../src-shared/stores/store-address.ts';
import { hex, ss58 } from '../../../../src-shared/units.ts';
import { type ModelHub, startModelHub } from '../../../fakes/hub/models.ts';
import { fakeS3, S3_KEY } from '../../../fakes/stores/fake-s3.ts';
import { soon } from '../../../soon.ts';

const { signal } = new AbortController();
const owner = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const made = practiceProfile({
  ...{ witness: owner, ownerColdkey: owner, genesis: hex('ab'.repeat(32)) },
  ...{ endpoint: 'ws://127.0.0.1:9', bootstrap: ['/ip4/127.0.0.1/tcp/4001'] },
});
const hash = profileHash(made.consensus);

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'publish-profile-'));
  await writeFile(join(home, 'mine.json'), JSON.stringify(made));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

/** The command as it is typed. */
function publish(store: string, ending = signal, more: readonly string[] = []): Promise<number> {
  const words = [
    'publish',
    join(home, 'mine.json'),
    '--store',
    store,
    '--data-dir',
    join(home, 'data'),
    ...more,
  ];
  return ownRunAtTerminal(parseWords(run, words, 'refuse').said as RunOptions, ending);
}

async function setToken(name: string, secret: TokenSecret): Promise<void> {
  const dataDir = join(home, 'data');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const places = { dataDir, credentialsDir: undefined, now: Date.now, signal };
  await openTokens({ ...places, told: () => undefined }).set(name, secret);
}

async function startHub(): Promise<ModelHub> {
  const hub = await startModelHub();
  onTestFinished(() => hub.stop());
  vi.stubEnv('HF_ENDPOINT', hub.url);
  await setToken('hub', { kind: 'hub', token: hub.token });
  return hub;
}

async function startBucket(isOpen: boolean) {
  const s3 = await fakeS3({ isOpen });
  onTestFinished(() => s3.stop());
  await setToken('mine', { kind: 's3', ...S3_KEY });
  return { s3, store: `s3:${new URL(s3.url).host}/${s3.bucket}`, token: ['--token', 'mine'] };
}

describe('run publish', () => {
  it('makes a repository of the Hub in which a stranger finds the profile', async () => {
    const hub = await startHub();
    expect(await publish('hub:me/run')).toBe(0);
    const found = await profileAt({ kind: 'hub', repository: 'me/run' }, hash, signal);
    expect(found.consensus).toEqual(made.consensus);
    expect(hub.commits.size).toBe(2);
    expect(await publish('hub:me/run')).toBe(0);
    expect(hub.commits.size).toBe(2);
  });

  it('believes no store that gives a stranger something else', async () => {
    const hub = await startHub();
    const body = JSON.stringify({ ...made, local: { ...made.local, bootstrap: ['/ip4/192.0.2.1/tcp/1'] } });
    hub.fail(/GET .*\/resolve\/main\/run-profiles/, { kind: 'answer', when: 'after', status: 200, body });
    await expect(publish('hub:me/run')).rejects.toMatchObject({ code: 'STORE_ROUND_TRIP_WRONG' });
  });

  it('puts it into a bucket that everybody may read', async () => {
    const { s3, store, token } = await startBucket(true);
    expect(await publish(store, signal, token)).toBe(0);
    expect([...s3.objects.keys()]).toEqual([profilePath(hash)]);
  });

  it('says of a bucket that others may not read what it lacks', async () => {
    const { s3, store, token } = await startBucket(false);
    await expect(publish(store, signal, token)).rejects.toMatchObject({
      ...{ code: 'RUN_NOT_READ_BY_OTHERS', params: { store, why: 'answer 403' } },
    });
    expect(s3.objects.size).toBe(1);
  });

  it('asks nothing of a store without a key for it', async () => {
    const hub = await startModelHub();
    onTestFinished(() => hub.stop());
    vi.stubEnv('HF_ENDPOINT', hub.url);
    await expect(publish('hub:me/run')).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' });
    expect(hub.asked).toEqual([]);
  });

  it('needs no key for a folder, and takes none', async () => {
    const path = join(home, 'store');
    expect(await publish(`folder:${path}`)).toBe(0);
    expect((await profileAt({ kind: 'folder', path }, hash, signal)).consensus).toEqual(made.consensus);
    await expect(publish(`folder:${path}`, signal, ['--token', 'mine'])).rejects.toMatchObject({
      code: 'OPTION_WITHOUT_EFFECT',
    });
  });

  it('ends when it is asked to, and goes on with the next try', async () => {
    const hub = await startHub();
    hub.fail(/POST .*\/commit\/main/, { kind: 'hold', when: 'before' });
    const ending = new AbortController();
    const ended = expect(publish('hub:me/run', ending.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    await soon(() => expect(hub.asked.some((line) => /POST .*\/commit\/main/.test(line))).toBe(true));
    ending.abort();
    await ended;
    expect(await publish('hub:me/run')).toBe(0);
  });

  it('leaves a profile of other peers as it is', async () => {
    const hub = await startHub();
    await publish('hub:me/run');
    const moved = { ...made, local: { ...made.local, bootstrap: ['/ip4/127.0.0.1/tcp/4002'] } };
    await writeFile(join(home, 'mine.json'), JSON.stringify(moved));
    await expect(publish('hub:me/run')).rejects.toMatchObject({ code: 'STORE_FILE_DIFFERS' });
    expect(hub.commits.size).toBe(2);
  });
});

describe('a profile that was put', () => {
  const store = { kind: 'folder', path: '' } as const;
  const putting = (text: (given: string) => string | null) => {
    const path = join(home, 'store');
    const put = async (_store: unknown, given: { hash: string; text: string }) => {
      const changed = text(given.text);
      const file = join(path, profilePath(hash));
      await mkdir(dirname(file), { recursive: true });
      if (changed !== null) await writeFile(file, changed);
    };
    return publishProfile(made, { ...store, path }, put, signal);
  };

  it('is read again to the byte', async () => {
    await expect(putting((text) => text)).resolves.toBe(hash);
  });

  it.each<[string, (text: string) => string | null, string]>([
    [
      'with other peers to ask first',
      (text) => text.replace('/tcp/4001', '/tcp/6666'),
      'STORE_ROUND_TRIP_WRONG',
    ],
    ['of another run', (text) => text.replace('"practice', '"other'), 'STORE_ROUND_TRIP_WRONG'],
    ['without an end', (text) => text + ' '.repeat(65_536), 'PROFILE_INVALID'],
    ['not at all', () => null, 'RUN_NOT_READ_BY_OTHERS'],
  ])('is not published where the store gives it %s', async (_how, text, code) => {
    await expect(putting(text)).rejects.toMatchObject({ code });
  });

  it('goes to no address of the web: there it is only looked for', async () => {
    const hub = await startModelHub();
    onTestFinished(() => hub.stop());
    const web = parseStoreAddress(`${hub.url}/`)!;
    const put = () => Promise.reject(new Error('nothing is put there'));
    await expect(publishProfile(made, web, put, signal)).rejects.toMatchObject({ code: 'RUN_STORE_SILENT' });
    expect(hub.asked).toEqual([`GET /${profilePath(hash)}`]);
  });
});
