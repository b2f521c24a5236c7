import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openPage } from '../../../src-main/entry/open-page.ts';
import type { Host } from '../../../src-main/host.ts';
import { fakeHost } from '../../fakes/host-api.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-page-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** A port that somebody has, until it is given back. */
async function taken() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, giveBack: () => new Promise((resolve) => server.close(resolve)) };
}

function hostWith(port: number) {
  const { api, connect } = fakeHost();
  const noteProblem = vi.fn();
  const view = async () => {
    const shown = await api.view();
    return { ...shown, settings: { ...shown.settings, 'window.port': port } };
  };
  const signing = { api: {}, connect };
  const shells = { signing, opensSigning: vi.fn() };
  return { api: { ...api, view }, connect, noteProblem, dataDir: folder, ...shells } as unknown as Host & {
    noteProblem: typeof noteProblem;
  };
}

it('serves the page at the port of the settings, before which an option goes', async () => {
  const { port, giveBack } = await taken();
  await giveBack();
  const shell = await openPage(hostWith(port), { port: null, noOpen: true });
  expect(shell.port).toBe(port);
  await shell.stop();
  const asked = await openPage(hostWith(port), { port: 0, noOpen: true });
  expect(asked.port).not.toBe(port);
  await asked.stop();
});

it('opens all the same where another program has that port, and tells it on the page', async () => {
  const { port, giveBack } = await taken();
  const host = hostWith(port);
  const shell = await openPage(host, { port: null, noOpen: true });
  expect(host.noteProblem).toHaveBeenCalledWith(expect.objectContaining({ code: 'PORT_IN_USE' }));
  expect(shell.port).not.toBe(port);
  await shell.stop();
  await giveBack();
});
