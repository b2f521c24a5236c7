import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { diskError } from '../../src-node/disk-error.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import { openLedger } from './ledger.ts';
import { ledgerMigrations } from './ledger-schema.ts';
import { type OpenedDatabase, openDatabase } from './open-database.ts';
import { openTelemetry } from './telemetry.ts';
import { telemetryMigrations } from './telemetry-schema.ts';
import type { Asked, Operations, ThreadConfig, Told } from './thread.ts';

/** The store's thread: the one place that touches SQLite, so that no query ever blocks the host. */
function open(dataDir: string): { operations: Operations; opened: readonly OpenedDatabase[] } {
  const nowMs = Date.now();
  const telemetryFile = openDatabase(
    dataDir,
    { name: 'telemetry', migrations: telemetryMigrations, synchronous: 'NORMAL', backedUp: false },
    nowMs,
  );
  const ledgerFile = openDatabase(
    dataDir,
    { name: 'ledger', migrations: ledgerMigrations, synchronous: 'FULL', backedUp: true },
    nowMs,
  );
  const opened = [telemetryFile, ledgerFile];
  const { prune, ...telemetry } = openTelemetry(telemetryFile.db);
  prune(nowMs);
  const close = () => {
    for (const { db } of opened) db.close();
  };
  return { operations: { ...telemetry, ...openLedger(ledgerFile.db), close }, opened };
}

function serve(port: MessagePort, { dataDir }: ThreadConfig): void {
  const tell = (told: Told) => port.postMessage(told);
  let operations: Operations;
  try {
    const store = open(dataDir);
    operations = store.operations;
    tell({ kind: 'opened', notices: store.opened.flatMap(({ notice }) => notice ?? []) });
  } catch (thrown) {
    const error = toCodedError(thrown);
    if (error.code === 'INTERNAL') console.error(thrown);
    tell({ kind: 'not-opened', error });
    port.close();
    return;
  }
  port.on('message', ({ id, operation, argument }: Asked) => {
    try {
      const value: unknown = operations[operation](argument as never);
      tell({ kind: 'value', id, value });
    } catch (thrown) {
      const error = toCodedError(diskError(thrown, dataDir));
      if (error.code === 'INTERNAL') console.error(thrown);
      tell({ kind: 'failure', id, error });
    }
    if (operation === 'close') port.close();
  });
}

if (parentPort) serve(parentPort, workerData as ThreadConfig);
