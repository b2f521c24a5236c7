import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { diskError } from '../../src-node/disk-error.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { guardLedger } from './guarded-ledger.ts';
import { openLedgerFile } from './ledger-file.ts';
import { openLedgerParts } from './ledger-parts.ts';
import { openDatabase } from './open-database.ts';
import { openOwnTransactions } from './own-transactions.ts';
import { keepPruned, openPruning } from './prune.ts';
import { openSubnetHistory } from './subnet-history.ts';
import { openTelemetry } from './telemetry.ts';
import { telemetryMigrations } from './telemetry-schema.ts';
import type { Asked, Operations, ThreadConfig, Told } from './thread.ts';
import { openWitness } from './witness.ts';
import { openWorth } from './worth.ts';

interface Opened {
  readonly operations: Operations;
  readonly notices: readonly CodedError[];
}

/** The store's thread: the one place that touches SQLite, so that no query ever blocks the host. */
async function open(dataDir: string): Promise<Opened> {
  const notices: CodedError[] = [];
  const witness = await openWitness(dataDir, (notice) => notices.push(notice));
  const telemetryFile = openDatabase(
    dataDir,
    { name: 'telemetry', migrations: telemetryMigrations, synchronous: 'NORMAL' },
    witness.known.hasTelemetry,
  );
  if (!witness.known.hasTelemetry) witness.note({ hasTelemetry: true });
  const ledgerFile = openLedgerFile(dataDir, witness.known);
  const { prune, ...telemetry } = openTelemetry(telemetryFile.db);
  prune(Date.now());
  const { pruneSubnets, ...subnets } = openSubnetHistory(telemetryFile.db);
  pruneSubnets(Date.now());
  const guarded = guardLedger(ledgerFile.db, ledgerFile.backups, witness);
  const stopPruning = keepPruned(openPruning(telemetryFile.db), Date.now);
  const close = () => {
    stopPruning();
    guarded.close();
    for (const { db } of [telemetryFile, ledgerFile]) db.close();
  };
  if (telemetryFile.notice) notices.push(telemetryFile.notice);
  notices.push(...ledgerFile.notices);
  const transactions = openOwnTransactions(ledgerFile.db);
  const worth = openWorth(ledgerFile.db);
  const parts = openLedgerParts(ledgerFile.db);
  const operations = {
    ...{ ...telemetry, ...subnets, ...guarded.ledger, ...parts, ...transactions, ...worth },
    close,
  };
  return { operations, notices };
}

async function serve(port: MessagePort, { dataDir }: ThreadConfig): Promise<void> {
  const tell = (told: Told) => port.postMessage(told);
  let operations: Operations;
  try {
    const store = await open(dataDir);
    operations = store.operations;
    tell({ kind: 'opened', notices: store.notices });
  } catch (thrown) {
    const error = toCodedError(diskError(thrown, dataDir));
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

if (parentPort) void serve(parentPort, workerData as ThreadConfig);
