import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openUpdateDesk, type UpdateDesk } from '../../../src-main/update-desk.ts';
import type { Installer } from '../../../src-main/updates/installer.ts';
import type { Quiet, QuietRun } from '../../../src-main/updates/quiet.ts';
import { listeners } from '../../../src-node/listeners.ts';
import type { UpdateState, UpdatesView } from '../../../src-shared/contract/page/updates.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { NOW_MS, type ReleaseServer, TARGET } from './release-rig.ts';

/** An installer that looks at what it is handed as the app's own does: the list first, then the file. */
function installer() {
  const taken: { version: string; bytes: Buffer }[] = [];
  let finished = 0;
  return {
    taken,
    get finished() {
      return finished;
    },
    installer: {
      way: 'app',
      target: TARGET,
      async take(address: string, version: string) {
        const list = (await (await fetch(`${address}/latest-linux.yml`)).json()) as {
          files: { url: string }[];
        };
        const file = await fetch(`${address}/${list.files[0]?.url}`);
        taken.push({ version, bytes: Buffer.from(await file.arrayBuffer()) });
        return () => void finished++;
      },
    },
  } as const;
}

/** What is under way on this computer, as a test says it. */
export function activity() {
  const changes = listeners<{ signing: undefined; settled: undefined }>();
  const now = { isSigning: false, isAveraging: false, isInRound: false };
  const run: QuietRun = {
    isAveraging: () => now.isAveraging,
    async roundSettled(signal) {
      if (!now.isInRound || signal.aborted) return;
      await new Promise<void>((resolve) => {
        changes.on('settled', () => resolve());
        signal.addEventListener('abort', () => resolve());
      });
    },
  };
  const quiet: Quiet = {
    runs: () => [run],
    isSigning: () => now.isSigning,
    onSigning: (changed) => changes.on('signing', changed),
  };
  return {
    now,
    quiet,
    signed() {
      now.isSigning = false;
      changes.emit('signing', undefined);
    },
    settled() {
      now.isInRound = false;
      now.isAveraging = false;
      changes.emit('settled', undefined);
    },
  };
}

export interface Given {
  readonly server?: ReleaseServer | null;
  readonly current?: string;
  readonly nowMs?: () => number;
  readonly quiet?: Quiet;
  readonly installer?: Installer;
  readonly silentMs?: number;
  readonly folder?: string;
  shown?(view: UpdatesView): void;
}

/** Desks on folders of their own, which end with their test. */
export function updateDesks() {
  let dataDir = '';
  const folders: string[] = [];
  const desks: UpdateDesk[] = [];
  beforeEach(async () => {
    dataDir = await newFolder();
  });
  afterEach(async () => {
    for (const desk of desks.splice(0)) await desk.stop();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'butterfly-update-'));
    folders.push(folder);
    return folder;
  }

  async function open({ server = null, current = '0.1.0', nowMs = () => NOW_MS, ...given }: Given) {
    const seen: UpdateState[] = [];
    const notices: CodedError[] = [];
    const app = installer();
    let view: UpdatesView | null = null;
    const desk = await openUpdateDesk({
      dataDir: given.folder ?? dataDir,
      current,
      source: server?.source ?? null,
      installer: given.installer ?? app.installer,
      quiet: given.quiet ?? activity().quiet,
      downloadLimits: { silentMs: given.silentMs ?? 60_000, wholeMs: 600_000 },
      told(next) {
        view = next;
        seen.push(next.state);
        given.shown?.(next);
      },
      notice: (error) => notices.push(error),
      log: () => undefined,
      nowMs,
      signal: new AbortController().signal,
    });
    desks.push(desk);
    return { desk, seen, notices, app, told: () => view };
  }

  return {
    open,
    newFolder,
    /** The data folder of this test. */
    get dataDir() {
      return dataDir;
    },
    /** Names of what was fetched of the release. */
    fetched: () => readdir(join(dataDir, 'updates', '0.2.0')).catch(() => []),
    /** Where its file lies. */
    placeOfFile: () => join(dataDir, 'updates', '0.2.0', 'Butterfly 0.2.0.AppImage'),
  };
}
