import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { ensureAccountKey } from '../../../src-main/vault/account-key.ts';
import { checkedText } from '../../../src-node/durable-json.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import type { Ss58 } from '../../../src-shared/units.ts';

export interface Old {
  readonly dataDir: string;
  readonly wallets: string;
  readonly hotkey: Ss58;
}

/** A computer with one joined run, whose hotkey lies in a wallet of its user. */
export async function oldComputer(at: string): Promise<Old> {
  const [dataDir, wallets] = [join(at, 'data'), join(at, 'wallets')];
  await mkdir(dataDir, { recursive: true });
  const { address: hotkey } = await ensureAccountKey(join(wallets, 'main', 'hotkeys', 'default'));
  await writeFile(join(wallets, 'main', 'coldkey'), 'a locked coldkey');
  const profile = practiceProfile({
    witness: hotkey,
    ownerColdkey: hotkey,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  });
  const origin = {
    ...{ kind: 'joined', networkName: 'test', genesisHash: null, endpoints: null, profile, role: 'miner' },
    ...{ keysDir: join(wallets, 'main'), bootstrap: [], listen: null },
  };
  const facts = {
    ...{
      profile: 'practice',
      profileHash: 'ab'.repeat(32),
      netuid: 1,
      role: 'miner',
      mark: null,
      startedAtMs: 1,
    },
    ...{ network: 'test', controls: [] },
  };
  const runs = [{ id: hotkey, origin, stoppedAtMs: null, pause: null, facts }];
  await writeFile(join(dataDir, 'runs.json'), checkedText(runs));
  const values = { 'training.share': 50, 'wallet.folder': wallets, 'newer.setting': 1 };
  await writeFile(join(dataDir, 'settings.json'), JSON.stringify({ version: 1, values }));
  const run = join(dataDir, 'runs', 'tag-genesis', hotkey);
  for (const folder of ['vault', 'model']) await mkdir(join(run, folder), { recursive: true });
  await writeFile(join(run, 'registration.json'), 'a place');
  await writeFile(join(run, 'vault', 'peer.json'), 'a peer key');
  await writeFile(join(run, 'model', 'weights'), 'large');
  const db = new Sqlite(join(dataDir, 'ledger.db'));
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE t (n); INSERT INTO t VALUES (42)');
  db.close();
  return { dataDir, wallets, hotkey };
}
