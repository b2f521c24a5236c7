import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UpdatesView } from '../../src-shared/contract/page/updates.ts';
import { cutEverywhere } from '../power-cut.ts';
import { activity, type Given, updateDesks } from './updates/desk-rig.ts';
import { content, fileOf, NOW_MS, type ReleaseServer, releaseServer, TARGET } from './updates/release-rig.ts';

const desks = updateDesks();

describe('installing', () => {
  async function ready(given: Given = {}) {
    const opened = await desks.open({ server: await releaseServer(), ...given });
    await opened.desk.check();
    await opened.desk.download();
    return opened;
  }

  it('hands the verified file over and ends the app', async () => {
    const { desk, app } = await ready();
    await desk.install();
    expect(app.taken).toEqual([{ version: '0.2.0', bytes: content }]);
    expect(app.finished).toBe(1);
  });

  it('waits for the end of the round', async () => {
    const { now, quiet, settled } = activity();
    const { desk, app } = await ready({ quiet });
    now.isInRound = true;
    now.isAveraging = true;
    const installing = desk.install();
    await expect.poll(() => desk.view.state).toMatchObject({ kind: 'installing', waitsFor: 'round' });
    expect(app.taken).toEqual([]);
    settled();
    await installing;
    expect(app.finished).toBe(1);
  });

  it('waits while money is signed', async () => {
    const { now, quiet, signed: isSigned } = activity();
    const { desk, app } = await ready({ quiet });
    now.isSigning = true;
    const installing = desk.install();
    await expect.poll(() => desk.view.state).toMatchObject({ kind: 'installing', waitsFor: 'signing' });
    expect(app.finished).toBe(0);
    isSigned();
    await installing;
    expect(app.finished).toBe(1);
  });

  it('can be taken back while it waits', async () => {
    const { now, quiet } = activity();
    const { desk, app } = await ready({ quiet });
    now.isInRound = true;
    const installing = desk.install();
    await expect.poll(() => desk.view.state).toMatchObject({ kind: 'installing', waitsFor: 'round' });
    desk.cancel();
    await installing;
    expect(desk.view.state.kind).toBe('ready');
    expect(app.finished).toBe(0);
  });

  it('checks the file once more: what was exchanged since is deleted', async () => {
    const { desk, app } = await ready();
    await writeFile(desks.placeOfFile(), Buffer.alloc(content.length));
    await desk.install();
    expect(desk.view.state).toMatchObject({ kind: 'failed', error: { code: 'UPDATE_FILE_WRONG' } });
    expect(app.taken).toEqual([]);
    expect(await desks.fetched()).toEqual([]);
  });

  it('can be taken back while the file is read, of which nothing is known then: it stays', async () => {
    const shown = ({ state }: UpdatesView) => {
      // Its last word before the file is looked at.
      if (state.kind === 'installing' && state.waitsFor === null) opened?.desk.cancel();
    };
    let opened: Awaited<ReturnType<typeof ready>> | null = null;
    opened = await ready({ shown });
    await writeFile(desks.placeOfFile(), Buffer.alloc(content.length));
    await opened.desk.install();
    expect(opened.desk.view.state.kind).toBe('ready');
    expect(await desks.fetched()).toHaveLength(1);
  });

  it('that did not happen is told at the next start, once', async () => {
    await (await ready()).desk.install();
    const { notices } = await desks.open({});
    expect(notices).toEqual([
      { code: 'UPDATE_NOT_INSTALLED', params: { version: '0.2.0', current: '0.1.0' } },
    ]);
    expect((await desks.open({})).notices).toEqual([]);
  });

  it('that happened is told by nobody, and its file goes', async () => {
    await (await ready()).desk.install();
    const { notices, desk } = await desks.open({ current: '0.2.0', server: await releaseServer() });
    await desk.check();
    expect(notices).toEqual([]);
    expect(desk.view.state.kind).toBe('none');
    expect(await readdir(join(desks.dataDir, 'updates'))).toEqual([]);
  });
});

describe('power that goes at any moment of an update', () => {
  it('leaves a start that comes to the same, with nothing half', async () => {
    const server = await releaseServer();
    const update = async (folder: string) => {
      const { desk, app } = await desks.open({ server, folder });
      await desk.check();
      if (desk.view.problem) throw new Error('checked in vain');
      if (desk.view.state.kind !== 'ready') await desk.download();
      await desk.install();
      if (app.finished !== 1) throw new Error('not installed');
    };
    const changes = await cutEverywhere(desks.newFolder, update, async (folder) => {
      const names = await readdir(join(folder, 'updates', '0.2.0')).catch(() => []);
      for (const name of names.filter((one) => !one.endsWith('.part')))
        expect(fileOf(await readFile(join(folder, 'updates', '0.2.0', name)))).toEqual(fileOf(content));
      await update(folder);
    });
    expect(changes).toBeGreaterThan(25);
  });

  it('is the same with a process that is killed while it downloads', async () => {
    const server = await releaseServer();
    const begun = Promise.withResolvers<void>();
    server.sendFile = (response) => {
      response.write(content.subarray(0, 40_000));
      begun.resolve();
    };
    const child = updating(server);
    await begun.promise;
    await expect.poll(() => desks.fetched()).toEqual(['Butterfly 0.2.0.AppImage.part']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    server.sendFile = (response) => void response.end(content);
    const { desk } = await desks.open({ server });
    await desk.check();
    expect(desk.view.state.kind).toBe('available');
    expect(await desks.fetched()).toEqual([]);
    await desk.download();
    expect(desk.view.state.kind).toBe('ready');
  });
});

/** A process of its own that updates. */
function updating(server: ReleaseServer): ChildProcess {
  const module = new URL('../../src-main/update-desk.ts', import.meta.url).href;
  const script = `const { openUpdateDesk } = await import(${JSON.stringify(module)});
    const none = () => undefined;
    const desk = await openUpdateDesk({
      dataDir: ${JSON.stringify(desks.dataDir)}, current: '0.1.0', source: ${JSON.stringify(server.source)},
      installer: { way: 'app', target: ${JSON.stringify(TARGET)}, take: none },
      quiet: { runs: () => [], isSigning: () => false, onSigning: () => none },
      told: none, notice: none, log: none, nowMs: () => ${NOW_MS}, signal: new AbortController().signal,
    });
    await desk.check();
    await desk.download();`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
