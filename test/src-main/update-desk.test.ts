import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UpdateDesk } from '../../src-main/update-desk.ts';
import { fromSource } from '../../src-main/updates/installer.ts';
import type { UpdatesView } from '../../src-shared/contract/page/updates.ts';
import { updateDesks } from './updates/desk-rig.ts';
import { content, NOW_MS, release, releaseServer, signed, stranger } from './updates/release-rig.ts';

const desks = updateDesks();

describe('without a key of the makers', () => {
  it('nobody is asked, and the page is told so', async () => {
    const { desk, told } = await desks.open({});
    await desk.check();
    expect(told()).toMatchObject({ hasKey: false, checkedAtMs: null, state: { kind: 'none' } });
    await expect(desk.download()).rejects.toMatchObject({ code: 'UPDATE_NOTHING' });
  });
});

describe('a check', () => {
  it('offers what is newer, with its notes and size', async () => {
    const { desk } = await desks.open({ server: await releaseServer() });
    await desk.check();
    expect(desk.view).toMatchObject({
      ...{ hasKey: true, way: 'app', checkedAtMs: NOW_MS, problem: null },
      state: {
        kind: 'available',
        release: { version: '0.2.0', notes: 'Rounds are quicker.', bytes: content.length },
      },
    });
  });

  it.each([
    ['of another key', async () => signed(release(), stranger), 'UPDATE_FEED_FORGED'],
    ['that is cut short', async () => (await signed(release())).slice(0, -9), 'UPDATE_FEED_MALFORMED'],
    ['without end', async () => 'x'.repeat(100_000), 'UPDATE_FEED_MALFORMED'],
    ['whose time is over', async () => signed(release({ expiresAtMs: 1 })), 'UPDATE_FEED_EXPIRED'],
  ])('of a list %s offers nothing and says why', async (_title, feed, code) => {
    const server = await releaseServer();
    server.feed = await feed();
    const { desk } = await desks.open({ server });
    await desk.check();
    expect(desk.view).toMatchObject({ state: { kind: 'none' }, problem: { code } });
  });

  it('of an older list than was seen, over a restart too, is told as such', async () => {
    const server = await releaseServer();
    await (await desks.open({ server })).desk.check();
    server.feed = await signed(release({ serial: 4, version: '0.1.5' }));
    const { desk } = await desks.open({ server });
    await desk.check();
    expect(desk.view).toMatchObject({ state: { kind: 'none' }, problem: { code: 'UPDATE_FEED_OLDER' } });
  });

  it.each([
    ['whose time is over', { expiresAtMs: 1 }, 'UPDATE_FEED_EXPIRED'],
    ['that wants a newer app', { least: '0.1.9' }, 'UPDATE_BY_HAND'],
  ])(
    'remembers a list %s: older ones are replays from then on, over a restart too',
    async (_title, says, code) => {
      const server = await releaseServer();
      server.feed = await signed(release({ serial: 7, ...says }));
      const first = await desks.open({ server });
      await first.desk.check();
      expect(first.desk.view.problem).toMatchObject({ code });
      server.feed = await signed(release({ serial: 6 }));
      const { desk } = await desks.open({ server });
      await desk.check();
      expect(desk.view).toMatchObject({ state: { kind: 'none' }, problem: { code: 'UPDATE_FEED_OLDER' } });
    },
  );

  it('offers no older version, and takes back what is offered no more', async () => {
    const server = await releaseServer();
    const { desk } = await desks.open({ server });
    await desk.check();
    server.feed = await signed(release({ serial: 6, version: '0.0.9' }));
    await desk.check();
    expect(desk.view).toMatchObject({ state: { kind: 'none' }, problem: null });
  });

  it('where nobody answers leaves what was known', async () => {
    const server = await releaseServer();
    const feed = `http://127.0.0.1:${await closedPort()}/feed.json`;
    const { desk } = await desks.open({ server: { ...server, source: { ...server.source, feed } } });
    await desk.check();
    expect(desk.view.problem).toMatchObject({ code: 'UPDATE_FEED_SILENT', params: { why: 'ECONNREFUSED' } });
  });
});

describe('who decides', () => {
  it('begins one thing after another: what is told as installing is installed', async () => {
    let desk: UpdateDesk | null = null;
    const refused: unknown[] = [];
    const shown = ({ state }: UpdatesView) => {
      if (state.kind === 'ready' && refused.length === 0)
        desk?.install().catch((thrown: unknown) => refused.push(thrown));
    };
    const opened = await desks.open({ server: await releaseServer(), shown });
    ({ desk } = opened);
    await desk.check();
    await desk.download();
    expect(refused).toMatchObject([{ code: 'UPDATE_NOTHING' }]);
    expect(desk.view.state.kind).toBe('ready');
    await desk.install();
    expect(opened.app.finished).toBe(1);
  });

  it('skips one version for good, and not the next', async () => {
    const server = await releaseServer();
    const first = await desks.open({ server });
    await first.desk.check();
    await first.desk.skip();
    const { desk } = await desks.open({ server });
    await desk.check();
    expect(desk.view.state.kind).toBe('skipped');
    server.feed = await signed(release({ serial: 6, version: '0.3.0' }));
    await desk.check();
    expect(desk.view.state).toMatchObject({ kind: 'available', release: { version: '0.3.0' } });
  });

  it('puts it off, over a restart too, until the time is over', async () => {
    const server = await releaseServer();
    const first = await desks.open({ server });
    await first.desk.check();
    await first.desk.putOff('week');
    const soon = await desks.open({ server });
    await soon.desk.check();
    expect(soon.desk.view.state.kind).toBe('deferred');
    const afterwards = await desks.open({ server, nowMs: () => NOW_MS + 8 * 86_400_000 });
    await afterwards.desk.check();
    expect(afterwards.desk.view.state.kind).toBe('available');
  });

  it('is asked for something that is there', async () => {
    const { desk } = await desks.open({ server: await releaseServer() });
    for (const call of [desk.skip, () => desk.putOff('week'), desk.download, desk.install, desk.offerAgain])
      await expect(call()).rejects.toMatchObject({ code: 'UPDATE_NOTHING' });
  });
});

describe('a download', () => {
  it('gets its name when all of it is what was signed', async () => {
    const server = await releaseServer();
    const { desk } = await desks.open({ server });
    await desk.check();
    await desk.download();
    expect(desk.view.state.kind).toBe('ready');
    expect(await readFile(desks.placeOfFile())).toEqual(content);
    expect(server.asked.at(-1)).toBe('/releases/Butterfly%200.2.0.AppImage');
  });

  it.each([
    [
      'larger than was said',
      (response: ServerResponse) => response.end(Buffer.concat([content, content])),
      /more than/,
    ],
    ['shorter than was said', (response: ServerResponse) => response.end(content.subarray(9)), /instead of/],
    ['something else', (response: ServerResponse) => response.end(Buffer.alloc(content.length)), /checksum/],
  ])('that is %s is deleted and told', async (_title, sendFile, why) => {
    const server = await releaseServer();
    server.sendFile = (response) => void sendFile(response);
    const { desk } = await desks.open({ server });
    await desk.check();
    await desk.download();
    expect(desk.view.state).toMatchObject({
      ...{
        kind: 'failed',
        error: { code: 'UPDATE_FILE_WRONG', params: { why: expect.stringMatching(why) } },
      },
    });
    expect(await desks.fetched()).toEqual([]);
  });

  it('that never ends is cut off at the size that was signed', async () => {
    const server = await releaseServer();
    let sent = 0;
    server.sendFile = (response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    const { desk } = await desks.open({ server });
    await desk.check();
    await desk.download();
    expect(desk.view.state).toMatchObject({ kind: 'failed', error: { code: 'UPDATE_FILE_WRONG' } });
    expect(sent).toBeLessThan(64 * 1_048_576);
  });

  it('that stands still is given up, and can be tried again', async () => {
    const server = await releaseServer();
    server.sendFile = (response) => void response.write(content.subarray(0, 100));
    const { desk } = await desks.open({ server, silentMs: 100 });
    await desk.check();
    await desk.download();
    expect(desk.view.state).toMatchObject({
      ...{ kind: 'failed', error: { code: 'UPDATE_FETCH_FAILED', params: { why: 'too slow' } } },
    });
    server.sendFile = (response) => void response.end(content);
    await desk.download();
    expect(desk.view.state.kind).toBe('ready');
  });

  it('can be ended by who began it', async () => {
    const server = await releaseServer();
    const begun = Promise.withResolvers<void>();
    server.sendFile = (response) => {
      response.write(content.subarray(0, 100));
      begun.resolve();
    };
    const { desk } = await desks.open({ server });
    await desk.check();
    const download = desk.download();
    await begun.promise;
    desk.cancel();
    await download;
    expect(desk.view.state.kind).toBe('available');
    expect(await desks.fetched()).toEqual([]);
  });

  it('of before a restart is found again, checked anew', async () => {
    const server = await releaseServer();
    const first = await desks.open({ server });
    await first.desk.check();
    await first.desk.download();
    const { desk } = await desks.open({ server });
    await desk.check();
    expect(desk.view.state.kind).toBe('ready');
    await writeFile(desks.placeOfFile(), Buffer.alloc(content.length));
    const third = await desks.open({ server });
    await third.desk.check();
    expect(third.desk.view).toMatchObject({
      state: { kind: 'available' },
      problem: { code: 'UPDATE_FILE_WRONG' },
    });
    expect(await desks.fetched()).toEqual([]);
  });

  it('leaves nothing of releases that are offered no more', async () => {
    await mkdir(join(desks.dataDir, 'updates', '0.1.9'), { recursive: true });
    const server = await releaseServer();
    const { desk } = await desks.open({ server });
    await desk.check();
    expect(await readdir(join(desks.dataDir, 'updates'))).toEqual([]);
  });
});

describe('a release for installations that fetch none', () => {
  it('is told, and not downloaded', async () => {
    const server = await releaseServer();
    const { desk } = await desks.open({ server, installer: fromSource });
    await desk.check();
    expect(desk.view).toMatchObject({
      way: 'source',
      state: { kind: 'available', release: { bytes: null } },
    });
    await expect(desk.download()).rejects.toMatchObject({ code: 'UPDATE_NOTHING' });
  });
});

/** A port at which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
