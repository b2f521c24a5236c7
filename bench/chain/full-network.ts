import { chainGenesis, PRACTICE_NETUID } from '../../src-main/devnet/genesis.ts';
import { openWhenReady } from '../../src-main/devnet/opening.ts';
import { profilePath, writeProfile } from '../../src-main/devnet/standalone-folder.ts';
import {
  minerVault,
  ownerVault,
  standaloneKeys,
  validatorVault,
} from '../../src-main/devnet/standalone-keys.ts';
import { openNetwork } from '../../src-main/network/network.ts';
import { COLDKEY } from '../../src-main/vault/key-names.ts';
import { openVault } from '../../src-main/vault/vault.ts';
import { withLimit } from '../../src-node/waits.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { ss58 } from '../../src-shared/units.ts';
import { startDevnet } from '../../src-worker/devnet/start.ts';
import { keysOf } from './keys.ts';

const RAO_PER_TAO = 1_000_000_000n;
const STAKE_ALPHA = 400n * RAO_PER_TAO;
const MINERS = 3;
const LIMIT_MS = 60_000;

/** A network whose subnet has no free place, with keys for a validator and three miners that have theirs. */
export interface FullNetwork {
  readonly url: string;
  /** Where its validator is asked to listen. */
  readonly meeting: string;
  readonly profile: string;
  readonly validator: string;
  readonly miners: readonly string[];
  stop(): Promise<void>;
}

/** @param uids of the subnet, its owner and the members among them */
export async function openFullNetwork(folder: string, uids: number, blockMs: number): Promise<FullNetwork> {
  const life = new AbortController();
  const { signal } = life;
  const keys = await standaloneKeys(folder, 'full network');
  const identity = { seed: '07'.repeat(32), genesisTimeMs: Date.now(), controlToken: 'token of this bench' };
  const genesis = chainGenesis(keys, identity, { dataDir: null, port: 0, blockMs }, STAKE_ALPHA);
  const [subnet] = genesis.subnets;
  if (!subnet) throw new TypeError('a practice has one subnet');
  const members = keys.miners.slice(0, MINERS);
  const idle = keysOf(uids).slice(0, uids - MINERS - 2);
  const neurons = [
    ...(subnet.neurons ?? []),
    ...members,
    ...idle.map((hotkey) => ({ hotkey, coldkey: keys.owner.coldkey })),
  ];
  const devnet = await startDevnet({ ...genesis, subnets: [{ ...subnet, neurons }] }, signal);
  const meetingPort = Number(new URL(devnet.url).port) + 1;
  const profile = practiceProfile({
    witness: keys.validator.hotkey,
    ownerColdkey: keys.owner.coldkey,
    endpoint: devnet.url,
    bootstrap: [`/ip4/127.0.0.1/tcp/${meetingPort}`],
  });
  await writeProfile(folder, profile);
  const network = await openNetwork({ endpoints: [devnet.url], log: () => undefined, signal });
  const chain = await network.subnet(
    PRACTICE_NETUID,
    profile.consensus.chain.identity,
    withLimit(signal, LIMIT_MS),
  );
  const vault = openVault({ dir: ownerVault(folder) });
  await vault.ensurePracticeColdkey(COLDKEY);
  const opening = openWhenReady({
    chain,
    runTag: runTagOf(profileHash(profile.consensus)),
    owner: vault.signer(COLDKEY, () => chain.callIndexes()),
    witness: keys.validator.hotkey,
    minersNeeded: MINERS,
    miners: async () => members.map(({ hotkey }) => ss58(hotkey)),
    progress: () => undefined,
    prepare: async () => undefined,
    log: () => undefined,
    signal,
  });
  return {
    url: devnet.url,
    meeting: `127.0.0.1:${meetingPort}`,
    profile: profilePath(folder),
    validator: validatorVault(folder),
    miners: members.map((_, i) => minerVault(folder, i + 1)),
    async stop() {
      opening.stop();
      await network.stop();
      life.abort();
      await devnet.stop();
    },
  };
}
