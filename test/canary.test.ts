import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { entryPath } from '../src-main/entry-path.ts';
import { openNetworks } from '../src-main/network/networks.ts';
import { practiceFacts } from '../src-main/practice/profile.ts';
import { startRun } from '../src-main/runs/run.ts';
import { openStore } from '../src-main/store/store.ts';
import { superviseChild } from '../src-main/supervisor/supervise.ts';
import { COLDKEY, HOTKEY } from '../src-main/vault/key-names.ts';
import { ensurePeerKey } from '../src-main/vault/peer-key.ts';
import { openVault, type Vault } from '../src-main/vault/vault.ts';
import { showRun } from '../src-main/view/show-run.ts';
import { ViewKeeper } from '../src-main/view/view-keeper.ts';
import { devnetContract } from '../src-shared/contract/devnet.ts';
import { onProcessor } from '../src-shared/contract/train.ts';
import { practiceProfile } from '../src-shared/profile/shipped.ts';
import { rao, type Ss58 } from '../src-shared/units.ts';
import { accountSecrets, formsOf, foundIn, type Secret } from './secret-forms.ts';

interface Spawned {
  readonly child: ChildProcess;
  readonly args: readonly string[];
  readonly sent: { readonly kind?: string }[];
  readonly received: unknown[];
}

const spawned = vi.hoisted((): Spawned[] => []);

/** Real processes, with an ear on the channel to each of them. */
vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>();
  const spawn = (command: string, args: string[], options: object) => {
    const child = real.spawn(command, args, options) as unknown as ChildProcess;
    const one: Spawned = { child, args: [command, ...args], sent: [], received: [] };
    const send = child.send.bind(child) as (...given: unknown[]) => boolean;
    child.send = ((...given: [{ kind?: string }]) => {
      one.sent.push(structuredClone(given[0]));
      return send(...given);
    }) as never;
    child.on('message', (message) => one.received.push(message));
    spawned.push(one);
    return child;
  };
  return { ...real, spawn };
});

/** What a user may have in the environment that started the host. */
const ENVIRONMENT_TOKEN = 'hf_canary0123456789canary0123456789';
const TAO = 10n ** 9n;

const lines: string[] = [];
const toPage: Buffer[] = [];
const whole = {
  depth: 8,
  maxStringLength: Number.POSITIVE_INFINITY,
  maxArrayLength: Number.POSITIVE_INFINITY,
};
const shown = (one: unknown) => (typeof one === 'string' ? one : inspect(one, whole));
const log = (...said: unknown[]) => void lines.push(said.map(shown).join(' '));
const isSwarm = ({ args }: Spawned) => args.includes(entryPath('swarm'));
const isSwarmInit = (one: Spawned, message: { kind?: string }) => isSwarm(one) && message.kind === 'init';
const bytesOf = (message: unknown) => Buffer.concat([serialize(message), Buffer.from(shown(message))]);

/** All files below a folder, with their paths in it. */
async function filesIn(folder: string): Promise<{ readonly path: string; readonly bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.map(async (path) => ({ path: relative(folder, path), bytes: await readFile(path) })),
  );
}

const isVault = ({ path }: { readonly path: string }) => path.split(/[\\/]/).includes('vault');

interface Keypair {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
}

async function keypair(vault: Vault): Promise<Keypair> {
  const hotkey = await vault.ensureHotkey(HOTKEY);
  return { hotkey, coldkey: await vault.ensurePracticeColdkey(COLDKEY) };
}

async function secretsOf(name: string, folder: string): Promise<Secret[]> {
  const account = async (kind: string, file: string) =>
    accountSecrets(
      `${name}'s ${kind}`,
      JSON.parse(await readFile(join(folder, 'vault', kind, `${file}.json`), 'utf8')),
    );
  return [...(await account('hotkeys', HOTKEY)), ...(await account('practice-coldkeys', COLDKEY))];
}

describe('the secrets of a run that registers, stakes, trains and meets peers', () => {
  const stopping = new AbortController();
  let folder: string;
  let accounts: Secret[];
  let peer: Secret;
  let environment: Secret;
  let commandLines: Buffer[];
  let environments: Buffer[];

  const everything = () => [...accounts, peer, environment];

  beforeAll(async () => {
    process.env.HF_TOKEN = ENVIRONMENT_TOKEN;
    for (const level of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation(log);
    folder = await mkdtemp(join(tmpdir(), 'butterfly-canary-'));
    const [minerDir, ownerDir] = [join(folder, 'miner'), join(folder, 'owner')];
    const vault = openVault({ dir: join(minerDir, 'vault') });
    const owner = openVault({ dir: join(ownerDir, 'vault') });
    const [mine, owners] = [await keypair(vault), await keypair(owner)];
    accounts = [...(await secretsOf('the miner', minerDir)), ...(await secretsOf('the owner', ownerDir))];
    peer = { name: 'peer seed', forms: formsOf((await ensurePeerKey(minerDir)).seed) };
    environment = { name: 'token of the environment', forms: [Buffer.from(ENVIRONMENT_TOKEN)] };

    const devnet = superviseChild({
      extraEnv: {},
      contract: devnetContract,
      name: 'devnet',
      entry: entryPath('devnet'),
      init: () => genesis(owners, mine),
      log,
    });
    const { ready } = await devnet.whenReady(AbortSignal.timeout(20_000));
    const store = await openStore({ dataDir: minerDir, onProblem: log, onRecovered: log });
    const profile = practiceProfile({
      witness: owners.hotkey,
      ownerColdkey: owners.coldkey,
      endpoint: ready.url,
      bootstrap: [],
    });
    const networks = openNetworks(log);
    const run = await startRun(
      {
        dataDir: minerDir,
        keys: { vault, ...mine },
        network: { name: 'practice', endpoints: profile.local.endpoints },
        profile,
        role: 'miner',
        registrationLimitRao: rao(TAO),
        stakeRao: rao(TAO),
        isConsentFresh: false,
        engine: onProcessor(1),
        share: () => 1,
        freeBytes: async () => null,
        adversary: null,
        announcedStore: null,
        outside: { mapsPort: false, mayRelay: false },
        extraEnv: {},
        listen: { host: '127.0.0.1', port: 0 },
        measuresHeldOut: false,
        log,
        notices: { notice: log, clearNotice: log },
        onStaked: log,
        onGaveUp: log,
        mayTrain: () => true,
        onMilestone: log,
      },
      { networks, store, train: null },
      stopping.signal,
    );
    const trained = new Promise<void>((resolve) => {
      run.train.on('step', () => resolve());
    });
    const keeper = new ViewKeeper({ version: '0', shell: 'web', dataDir: minerDir, program: 'npm start --' });
    keeper.connect({ patch: (sections) => void toPage.push(bytesOf(sections)) });
    keeper.beginRun(run.hotkey, practiceFacts(profile, null));
    const showing = showRun(run, keeper, () => null);
    const signer = owner.signer(COLDKEY, () => run.chain.callIndexes());
    log(await run.chain.submit({ kind: 'startCall' }, signer, stopping.signal));
    await trained;
    await until(run.chain, async () => {
      const held = await run.chain.stake(run.hotkey, run.coldkey, null, stopping.signal);
      return held > 0n;
    });
    // A crash, too: its report and the second start must not tell more.
    const swarm = run.processes().find(({ name }) => name === 'swarm');
    if (swarm) process.kill(swarm.pid, 'SIGKILL');
    await until(run.chain, async () =>
      spawned.filter(isSwarm).some(({ received }, life) => life > 0 && received.length > 0),
    );

    const alive = spawned.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    commandLines = alive.map(({ args }) => Buffer.from(args.join(' ')));
    environments = [];
    if (process.platform === 'linux')
      for (const { child } of alive) {
        commandLines.push(await readFile(`/proc/${child.pid}/cmdline`));
        environments.push(await readFile(`/proc/${child.pid}/environ`));
      }
    log(inspect(run, { ...whole, showHidden: true }), inspect(vault, { ...whole, showHidden: true }), signer);
    await store.flush();
    showing.stop();
    toPage.push(bytesOf(keeper.view));
    keeper.stop();
    await run.stop();
    await store.stop();
    await devnet.stop();
  });
  afterAll(async () => {
    stopping.abort();
    delete process.env.HF_TOKEN;
    vi.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  it('are found by this search where they belong: in the vaults and in what starts swarm', async () => {
    const vaults = Buffer.concat((await filesIn(folder)).filter(isVault).map(({ bytes }) => bytes));
    const kept = accounts.map(({ name }) => name).filter((name) => /^(phrase|mini-secret)/.test(name));
    expect(foundIn(vaults, accounts)).toEqual(expect.arrayContaining(kept));
    expect(foundIn(vaults, [peer])).toEqual(['peer seed']);
    const inits = spawned.flatMap((one) => one.sent.filter((message) => isSwarmInit(one, message)));
    expect(inits.map((message) => foundIn(bytesOf(message), [peer]))).toEqual([['peer seed'], ['peer seed']]);
  });

  it('are found in every shape that they are looked for in', () => {
    for (const secret of everything())
      for (const form of secret.forms)
        expect(foundIn(Buffer.concat([Buffer.from('{"a":'), form, Buffer.from('}')]), [secret])).toHaveLength(
          1,
        );
  });

  it('stand in no line that anything has printed', () => {
    expect(lines.length).toBeGreaterThan(5);
    expect(foundIn(Buffer.from(lines.join('\n')), everything())).toEqual([]);
  });

  it('stand in no file of the data folders outside the vaults, both databases among them', async () => {
    const files = (await filesIn(folder)).filter((file) => !isVault(file));
    const paths = files.map(({ path }) => path);
    const expected = ['ledger.db', 'telemetry.db', 'commitment.json'].map((name) => join('miner', name));
    expect(paths).toEqual(expect.arrayContaining(expected));
    for (const { path, bytes } of files)
      expect({ path, found: foundIn(bytes, everything()) }).toEqual({ path, found: [] });
  });

  it('go to no child, but for the peer seed that swarm begins with', () => {
    const toChildren = spawned.flatMap((one) => one.sent.map((message) => ({ one, message })));
    expect(new Set(toChildren.map(({ one }) => one.args.at(-1))).size).toBe(3);
    for (const { one, message } of toChildren) {
      const withheld = isSwarmInit(one, message) ? [...accounts, environment] : everything();
      expect(foundIn(bytesOf(message), withheld)).toEqual([]);
    }
  });

  it('come back from no child', () => {
    const messages = spawned.flatMap(({ received }) => received);
    expect(messages.length).toBeGreaterThan(10);
    for (const message of messages) expect(foundIn(bytesOf(message), everything())).toEqual([]);
  });

  it('go to no page', () => {
    expect(toPage.length).toBeGreaterThan(1);
    expect(toPage.at(-1)?.includes('freeRao')).toBe(true);
    for (const said of toPage) expect(foundIn(said, everything())).toEqual([]);
  });

  it('stand in no command line', () => {
    expect(commandLines.length).toBeGreaterThanOrEqual(3);
    for (const line of commandLines) expect(foundIn(line, everything())).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('stand in no environment of a child, nor do tokens of ours', () => {
    expect(environments).toHaveLength(3);
    for (const variables of environments) expect(foundIn(variables, everything())).toEqual([]);
  });
});

function genesis(owner: Keypair, miner: Keypair) {
  return v.parse(devnetContract.init, {
    dataDir: null,
    port: 0,
    seed: '17'.repeat(32),
    blockMs: 200,
    genesisTimeMs: 1_800_000_000_000,
    controlToken: 'c'.repeat(48),
    accounts: [
      { ss58: owner.coldkey, freeRao: 1_000n * TAO },
      { ss58: miner.coldkey, freeRao: 10n * TAO },
    ],
    subnets: [
      {
        netuid: 38,
        name: 'Butterfly practice',
        ownerColdkey: owner.coldkey,
        ownerHotkey: owner.hotkey,
        taoReserveRao: 10_000n * TAO,
        alphaReserveRao: 20_000n * TAO,
      },
    ],
  });
}

/** Looks at each final block until it is so. */
function until(
  chain: { on(event: 'finalized', listener: () => void): () => void },
  isSo: () => Promise<boolean>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = chain.on('finalized', () => {
      isSo().then((so) => {
        if (!so) return;
        off();
        resolve();
      }, reject);
    });
  });
}
