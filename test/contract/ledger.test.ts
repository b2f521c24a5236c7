import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src-main/store/store.ts';
import { hex } from '../../src-shared/units.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { ledgerContract } from './ledger-contract.ts';

ledgerContract('in memory', async () => ({ ledger: new MemoryLedger(), stop: async () => undefined }));

ledgerContract('on disk', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-ledger-'));
  const store = await openStore({
    dataDir,
    onProblem(problem) {
      throw problem;
    },
    onRecovered: () => undefined,
  });
  return {
    ledger: store.ledger(hex('00'.repeat(32)), 38),
    async stop() {
      await store.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
});
