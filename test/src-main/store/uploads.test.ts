import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../../src-main/store/migrate.ts';
import type { UploadRow } from '../../../src-main/store/rows.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { telemetryMigrations } from '../../../src-main/store/telemetry-schema.ts';
import { openUploads } from '../../../src-main/store/uploads.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-uploads-'));
  store = await openStore({ dataDir: folder, onProblem: () => undefined, onRecovered: () => undefined });
});
afterEach(async () => {
  await store.stop();
  await rm(folder, { recursive: true });
});

const upload = (round: number, changes: Partial<UploadRow> = {}): UploadRow => ({
  ...{ runId: 1, tag: `1.${round + 1}.0`, place: 'folder:/x', kind: 'state', round, atMs: 1_000 * round },
  ...{ sentBytes: 100, foundBytes: 3, durationMs: 7.5, code: null, paramsJson: null, ...changes },
});

describe('what was published', () => {
  it('is told newest first, with what all of it sent since then', async () => {
    for (const round of [1, 2, 3, 4]) store.add('upload', upload(round));
    const { newest, sentBytes } = await store.uploads(2_000, 2);
    expect(newest).toEqual([upload(4), upload(3)]);
    expect(sentBytes).toBe(300);
  });

  it('is a failure until a later try got there, and sent nothing that arrived', async () => {
    const paramsJson = '{"store":"The Hub","why":"ECONNRESET"}';
    const none = { sentBytes: null, foundBytes: null, durationMs: null };
    const failed = { ...none, code: 'STORE_UNREACHABLE', paramsJson };
    store.add('upload', upload(1, failed));
    expect(await store.uploads(0, 8)).toEqual({ newest: [upload(1, failed)], sentBytes: 0 });
    store.add('upload', upload(1));
    expect(await store.uploads(0, 8)).toEqual({ newest: [upload(1)], sentBytes: 100 });
  });

  it('is read where it was kept before reasons were, as of no known reason', () => {
    const db = new Sqlite(':memory:');
    const before = telemetryMigrations.findIndex((sql) => `${sql}`.includes('params_json'));
    migrate(db, 'telemetry', telemetryMigrations.slice(0, before), () => join(folder, 'a.db'));
    db.exec(
      `INSERT INTO upload VALUES (1, '1.2.0', 'folder:/x', 'state', 1, 1000, null, null, null, 'STORE_FULL')`,
    );
    migrate(db, 'telemetry', telemetryMigrations, () => join(folder, 'b.db'));
    const { newest } = openUploads(db).uploads({ sinceMs: 0, limit: 8 });
    const none = { sentBytes: null, foundBytes: null, durationMs: null };
    expect(newest).toEqual([upload(1, { ...none, code: 'STORE_FULL' })]);
    db.close();
  });
});
