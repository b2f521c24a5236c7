import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSwarm } from '../../src-main/runs/start-swarm.ts';
import { spoolDir } from '../../src-main/runs/start-train.ts';
import { ensurePeerKey } from '../../src-main/vault/peer-key.ts';
import { openVault } from '../../src-main/vault/vault.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { spoolFiles, spoolFolder } from '../../src-shared/spool.ts';
import { hex, type Ss58, ss58 } from '../../src-shared/units.ts';
import { fakeHub } from '../fakes/fake-swarm.ts';
import { fakeTrain } from '../fakes/fake-train.ts';
import { addressOf } from '../src-main/rounds/machine-bench.ts';
import { type SwarmMember, swarmContractSuite } from './swarm-contract.ts';

const nobody = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const profileVia = (bootstrap: string[]): Profile =>
  practiceProfile({ witness: nobody, ownerColdkey: nobody, endpoint: 'ws://127.0.0.1:1', bootstrap });

swarmContractSuite('in memory', async () => {
  const { consensus } = profileVia([]);
  const hub = fakeHub();
  const memberOf = (hotkey: Ss58): SwarmMember => {
    const records = new Map<number, Uint8Array>();
    const train = fakeTrain({ hotkey, consensus, profileHash: profileHash(consensus) });
    const child = hub.join(
      hotkey,
      Object.assign(train, { work: (round: number) => records.get(round) ?? null }),
    );
    const leaveWork = async (round: number, bytes: Uint8Array) => void records.set(round, bytes);
    return { hotkey, child, leaveWork, end: () => child.stop() };
  };
  const members = ['witness', 'anna', 'bob'].map((name) => memberOf(addressOf(name)));
  return {
    members,
    stateFile: async () => '/fake/state',
    stop: async () => void (await Promise.all(members.map(({ end }) => end()))),
  };
});

swarmContractSuite('as processes', async () => {
  const root = await mkdtemp(join(tmpdir(), 'butterfly-swarm-'));
  const members: SwarmMember[] = [];
  const bootstrap: string[] = [];
  for (const name of ['witness', 'anna', 'bob']) {
    const member = await startMember(join(root, name), profileVia([...bootstrap]));
    members.push(member);
    bootstrap.push(...member.child.ready.addresses);
  }
  return {
    members,
    async stateFile(sizeBytes) {
      const path = join(root, 'state');
      await writeFile(path, new Uint8Array(sizeBytes));
      return path;
    },
    async stop() {
      await Promise.all(members.map(({ end }) => end()));
      await rm(root, { recursive: true, force: true });
    },
  };
});

/** A `swarm` as the host starts it, with a vault and a data folder of its own. */
async function startMember(dataDir: string, profile: Profile): Promise<SwarmMember> {
  const vault = openVault({ dir: join(dataDir, 'keys') });
  const hotkey = await vault.ensureHotkey('miner');
  const { child, client } = await startSwarm(
    {
      dataDir,
      profile,
      vault,
      hotkeyName: 'miner',
      peerKey: await ensurePeerKey(dataDir),
      hotkey,
      chain: { genesisHash: hex('ab'.repeat(32)), finalized: null, blockTimeMs: async () => null },
      listen: { host: '127.0.0.1', port: 0 },
      announcedStore: null,
      adversary: null,
      outside: { mapsPort: false, mayRelay: false },
      extraEnv: {},
      notices: { notice: () => undefined, clearNotice: () => undefined },
      log: () => undefined,
      onGaveUp: () => undefined,
      onRestarted: () => undefined,
      mayRenew: () => true,
    },
    AbortSignal.timeout(30_000),
  );
  return {
    hotkey,
    child: client,
    async leaveWork(round, bytes) {
      const folder = join(spoolDir(dataDir), spoolFolder(round));
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, spoolFiles.work), bytes);
    },
    end: () => child.stop(),
  };
}
