import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runDevnet, type StandaloneOptions } from '../../../src-main/devnet/standalone.ts';
import { entryPath } from '../../../src-main/entry-path.ts';
import { register } from '../../../src-main/join/register.ts';
import { isAlive } from '../../../src-main/supervisor/process-end.ts';
import { COLDKEY, HOTKEY } from '../../../src-main/vault/key-names.ts';
import { ensurePeerKey } from '../../../src-main/vault/peer-key.ts';
import { openVault, type Vault } from '../../../src-main/vault/vault.ts';
import { parseProfile, profileHash, runTagOf } from '../../../src-shared/profile/profile.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { encodeIdentityField } from '../../../src-shared/rounds/identity-field.ts';
import { rao } from '../../../src-shared/units.ts';
import { connect, type TestChain } from '../network/rig.ts';

const SERVE = entryPath('serve');
const TAO = 1_000_000_000n;

function folderNamed(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), name));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Running {
  readonly lines: readonly string[];
  /** Resolves with the first line that fits, told or still to come; rejects when it ends without it. */
  said(pattern: RegExp): Promise<string>;
  type(line: string): void;
}

interface RunningProcess extends Running {
  readonly process: ChildProcess;
  /** Processes below it, as the system has them. */
  children(): number[];
  stop(): Promise<number | null>;
}

interface RunningHere extends Running {
  /** Resolves once it has ended in order; rejects with why it could not begin. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** What was told, line by line, to whoever waits for a line. */
function toldLines(ended: Promise<unknown>) {
  const lines: string[] = [];
  const looking = new EventEmitter();
  return {
    lines,
    tell(line: string): void {
      lines.push(line);
      looking.emit('line');
    },
    said: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const line = lines.find((one) => pattern.test(one));
          if (line !== undefined) resolve(line);
        };
        looking.on('line', look);
        look();
        const over = () => reject(new Error(`ended without saying ${pattern}:\n${lines.join('\n')}`));
        ended.then(over, over);
      }),
  };
}

/** In this process, where nothing is asked of a process: starting one takes as long as all the rest. */
function runHere(options: Partial<StandaloneOptions>): RunningHere {
  const stopping = new AbortController();
  const typed = new PassThrough();
  const asked = { port: 0, blockMs: null, seed: null, specVersion: null, folder: null, ...options };
  const begun = Promise.withResolvers<void>();
  const { tell, ...told } = toldLines(begun.promise);
  runDevnet(asked, { print: tell, log: () => undefined, typed }, stopping.signal).then(
    begun.resolve,
    begun.reject,
  );
  const ended = begun.promise;
  const stop = () => {
    stopping.abort();
    return ended;
  };
  onTestFinished(() => stop().catch(() => undefined));
  return { ...told, ended, type: (line) => void typed.write(`${line}\n`), stop };
}

function run(...options: string[]): RunningProcess {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', SERVE, 'devnet', ...options],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const { tell, ...told } = toldLines(ended);
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', tell);
  return {
    ...told,
    process: child,
    type: (line) => child.stdin.write(`${line}\n`),
    children: () =>
      readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}

const urlIn = async (devnet: Running) => /ws:\/\/\S+(?=,)/.exec(await devnet.said(/ws:\/\//))?.[0] ?? '';
const readProfile = (folder: string): Profile =>
  parseProfile(JSON.parse(readFileSync(join(folder, 'profile.json'), 'utf8')));

async function clientOf(profile: Profile): Promise<TestChain> {
  const stopped = new AbortController();
  const { chain } = profile.consensus;
  const { netuid, identity: expected } = chain;
  const client = await connect(profile.local.endpoints, stopped.signal, { netuid, expected });
  onTestFinished(() => client.stop());
  return client;
}

async function vaultIn(folder: string, name: string): Promise<Vault> {
  const vault = openVault({ dir: join(folder, name) });
  await vault.ensureHotkey(HOTKEY);
  await vault.ensurePracticeColdkey(COLDKEY);
  return vault;
}

/** What a host that joins does on chain, and no more. */
async function joinRun(chain: TestChain, profile: Profile, vault: Vault): Promise<void> {
  const { signal } = new AbortController();
  const signer = (name: string) => vault.signer(name, () => chain.callIndexes());
  const [hotkey, coldkey, dataDir] = [vault.addressOf(HOTKEY), signer(COLDKEY), folderNamed('joined-')];
  const told = () => undefined;
  const consent = { limitRao: rao(TAO), isConsentFresh: true };
  await register({ chain, hotkey, coldkey, ...consent, dataDir, told }, signal);
  const tag = runTagOf(profileHash(profile.consensus));
  const field = encodeIdentityField({ tag, peerKey: (await ensurePeerKey(dataDir)).publicKey });
  const fate = await chain.submit({ kind: 'setCommitment', fields: [field] }, signer(HOTKEY), signal);
  expect(fate.kind).toBe('finalized');
}

describe('a chain of one’s own', () => {
  test('has what its folder promises, opens by itself, ends in order, and goes on where it stopped', async () => {
    const folder = folderNamed('devnet-alone-');
    const { signal } = new AbortController();
    const first = run('--folder', folder, '--port', '0', '--block-ms', '250', '--seed', 'a chain for a test');
    const url = await urlIn(first);
    await first.said(/Press Ctrl\+C to stop/);
    const profile = readProfile(folder);
    expect(profile.local).toMatchObject({ endpoints: [url], mark: 'PRACTICE' });
    expect(profile.local.bootstrap).toEqual([`/ip4/127.0.0.1/tcp/${Number(new URL(url).port) + 1}`]);

    const chain = await clientOf(profile);
    const miners = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => vaultIn(folder, `miner-${n}`)));
    for (const miner of miners)
      expect(await chain.balance(miner.addressOf(COLDKEY), null, signal)).toBe(10n * TAO);
    const validator = await vaultIn(folder, 'validator');
    expect(profile.consensus.witnesses).toEqual({ kind: 'hotkeys', hotkeys: [validator.addressOf(HOTKEY)] });
    const neuron = (await chain.metagraph(null, signal)).find(
      ({ hotkey }) => hotkey === validator.addressOf(HOTKEY),
    );
    expect(neuron).toMatchObject({ coldkey: validator.addressOf(COLDKEY), validatorPermit: true });
    expect(await chain.stake(validator.addressOf(HOTKEY), validator.addressOf(COLDKEY), null, signal)).toBe(
      400n * TAO,
    );
    expect((await chain.subnet(null, signal)).firstEmissionBlock).toBeNull();

    await Promise.all([validator, ...miners.slice(0, 2)].map((vault) => joinRun(chain, profile, vault)));
    await first.said(/^2 of 3 miners are there, and the validator\.$/);
    expect((await chain.subnet(null, signal)).firstEmissionBlock).toBeNull();
    await joinRun(chain, profile, miners[2]!);
    await first.said(/Emission has started/);
    expect((await chain.subnet(null, signal)).firstEmissionBlock).not.toBeNull();

    const [child = 0] = first.children();
    const { number } = chain.finalized!;
    const hash = await chain.blockHash(number, signal);
    await chain.stop();
    expect(await first.stop()).toBe(0);
    expect(isAlive(child)).toBe(false);
    expect(first.lines.at(-1)).toBe('The chain has stopped.');

    const second = run('--folder', folder);
    expect(await urlIn(second)).toBe(url);
    await second.said(/goes on from where it stopped/);
    const again = await clientOf(readProfile(folder));
    expect(again.genesisHash).toBe(chain.genesisHash);
    expect(await again.blockHash(number, signal)).toBe(hash);
    // Nothing was said of the pace this time: it is the chain's own.
    await second.said(/a block every 0\.25 s/);
    // Emission has begun, and still somebody wants to know how to end it.
    await second.said(/Press Ctrl\+C to stop/);
    await again.stop();
    expect(await second.stop()).toBe(0);
  });

  test('is the same one wherever its seed is used, and starts emission when told to', async () => {
    const { signal } = new AbortController();
    const folders = [folderNamed('devnet-seed-'), folderNamed('devnet-seed-')];
    const both = folders.map((folder) => runHere({ folder, blockMs: 250, seed: 'twin' }));
    await Promise.all(both.map((devnet) => devnet.said(/press Enter/)));
    const chains = await Promise.all(folders.map((folder) => clientOf(readProfile(folder))));
    expect(chains[0]!.genesisHash).toBe(chains[1]!.genesisHash);
    const [typed] = both;
    typed!.type('strat');
    await typed!.said(/There is no “strat” here/);
    typed!.type('start');
    await typed!.said(/Emission has started/);
    expect((await chains[0]!.subnet(null, signal)).firstEmissionBlock).not.toBeNull();
    expect((await chains[1]!.subnet(null, signal)).firstEmissionBlock).toBeNull();
    await Promise.all(chains.map((chain) => chain.stop()));
    await Promise.all(both.map((devnet) => devnet.stop()));
  });

  test('says in one sentence that its port is in use, and leaves', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const devnet = run('--folder', folderNamed('devnet-port-'), '--port', String(port));
    await devnet.said(new RegExp(`Port ${port} is already in use`));
    await once(devnet.process, 'close');
    expect(devnet.process.exitCode).toBe(1);
  });

  test('refuses another seed than that of its folder, and changes nothing', async () => {
    const folder = folderNamed('devnet-other-');
    const first = runHere({ folder, seed: 'one' });
    await first.said(/press Enter/);
    await first.stop();
    const before = readFileSync(join(folder, 'devnet.json'), 'utf8');
    await expect(runHere({ folder, seed: 'two' }).ended).rejects.toMatchObject({
      code: 'DEVNET_STATE_FOREIGN',
    });
    expect(readFileSync(join(folder, 'devnet.json'), 'utf8')).toBe(before);
  });

  test('begins with the release that is asked for, and keeps to it', async () => {
    const folder = folderNamed('devnet-spec-');
    const first = runHere({ folder, specVersion: 425 });
    await first.said(/press Enter/);
    const chain = await clientOf(readProfile(folder));
    expect(chain.callIndexes().has('SubtensorModule.register_limit')).toBe(true);
    await first.stop();
    await expect(runHere({ folder, specVersion: 393 }).ended).rejects.toMatchObject({
      code: 'DEVNET_STATE_FOREIGN',
    });
    const again = runHere({ folder });
    await again.said(/goes on from where it stopped/);
    const later = await clientOf(readProfile(folder));
    expect(later.callIndexes().has('SubtensorModule.register_limit')).toBe(true);
    await again.stop();
  });
});
