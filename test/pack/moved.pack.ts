import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as scure from '@scure/sr25519';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingBytes, encodeBinding } from '../../src-shared/rounds/binding.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import { ownTarget, runtimeName } from '../../tools/build/pack/target.ts';
import { testConsensus, testMember, ZERO } from '../src-worker/swarm/round.ts';
import { chooseSoftwareGpu } from '../src-worker/train/engine/software-gpu.ts';
import { packedApp } from './packed-app.ts';

const run = promisify(execFile);
const noGpu = chooseSoftwareGpu();

/** Its folder was packed somewhere else, nothing of the tree is near it, and it runs on the Node that came with it. */
describe('an app that lies elsewhere', () => {
  let home: string;
  let resources: string;
  let node: string;
  const out = (name: string) => join(resources, 'app.asar.unpacked', 'out', name);
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'butterfly moved-'));
    resources = join(home, 'an app', 'resources');
    // With links, not copies: it is 200 MB. A test below takes a file away, and gives it back.
    execFileSync('mkdir', ['-p', join(home, 'an app')]);
    execFileSync('cp', ['-al', packedApp().resources, resources]);
    node = join(resources, 'runtime', runtimeName(ownTarget()));
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  const env = () => ({
    ...{ PATH: '/usr/bin:/bin', HOME: home, TMPDIR: tmpdir() },
    ...{ VK_DRIVER_FILES: process.env.VK_DRIVER_FILES ?? '', XDG_RUNTIME_DIR: '/tmp' },
  });
  const butterfly = (words: readonly string[], more = {}) =>
    run(node, [join(resources, 'bin', 'butterfly.mjs'), ...words], {
      env: { ...env(), ...more },
      timeout: 50_000,
    });

  it('has a Node of its own', async () => {
    const { stdout } = await run(node, ['-p', 'process.version'], { env: env() });
    expect(stdout.trim()).toMatch(/^v24\./);
  });

  it.skipIf(noGpu)('finds graphics cards and asks them', async () => {
    const child = start(out('worker/survey.js'), {});
    const { facts } = (await child.next('ready')) as { facts: { adapters: unknown[] } };
    expect(facts.adapters.length).toBeGreaterThan(0);
    child.send({ kind: 'call', id: 1, name: 'probe', params: facts.adapters[0] });
    expect(await child.next('result')).toMatchObject({ id: 1, value: { isSoftware: true } });
    await child.stop();
  });

  it('listens for peers', async () => {
    const member = await testMember(5);
    const secret = scure.secretFromSeed(new Uint8Array(32).fill(5));
    const hotkey = addressOf(scure.getPublicKey(secret));
    const consensus = testConsensus();
    const binding = {
      ...{ hotkey, peerKey: member.key.publicKey, netuid: consensus.chain.netuid, genesisHash: ZERO },
      ...{ notBefore: 0, notAfter: 2 ** 40, seq: 1 },
    };
    const child = start(out('worker/swarm.js'), {
      ...{
        hotkey,
        peerSeed: member.seed,
        chainTimeMs: null,
        genesisHash: ZERO,
        runTag: '0123456789abcdef',
        store: null,
        mapsPort: false,
        mayRelay: true,
      },
      binding: encodeBinding(binding, scure.sign(secret, bindingBytes(binding))),
      ...{ consensus, listen: { host: '127.0.0.1', port: 0 }, bootstrap: [], spoolDir: member.spoolDir },
    });
    expect(await child.next('ready')).toMatchObject({
      facts: { addresses: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//)] },
    });
    await child.stop();
    await rm(member.spoolDir, { recursive: true });
  });

  it('runs a host with its databases and its page, tells of it, and ends it', async () => {
    const dataDir = join(home, 'data');
    const host = spawn(
      node,
      [join(resources, 'bin', 'butterfly.mjs'), 'serve', '--no-open', '--data-dir', dataDir, '--port', '0'],
      {
        env: env(),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const ended = once(host, 'exit');
    let said = '';
    for (const stream of [host.stdout, host.stderr]) stream.on('data', (text) => (said += text));
    const status = () =>
      butterfly(['status', '--json', '--data-dir', dataDir]).then(
        ({ stdout }) => JSON.parse(stdout),
        () => null,
      );
    try {
      await expect.poll(status, { timeout: 40_000 }).toMatchObject({ dataDir, runs: [] });
      await expect.poll(() => said).toMatch(/\.html/);
      expect(existsSync(join(dataDir, 'telemetry.db'))).toBe(true);
      await butterfly(['stop', '--data-dir', dataDir]);
      expect((await ended)[0], said).toBe(0);
    } finally {
      host.kill('SIGKILL');
    }
  });

  it('names a file that an antivirus took, and goes on once it is back', async () => {
    const [lost, kept] = [out('worker/survey.js'), join(home, 'quarantine')];
    await rename(lost, kept);
    const words = ['benchmark', '--data-dir', join(home, 'data-2')];
    const failed = await butterfly(words).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
    expect(failed).toContain(lost);
    expect(failed).toMatch(/antivirus/);
    await rename(kept, lost);
    await writeFile(kept, '');
  });

  /** A child as the host starts it, on the app's own runtime. */
  function start(entry: string, config: object) {
    const child: ChildProcess = spawn(node, [entry], {
      env: env(),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const exited = once(child, 'exit');
    const mail: Record<string, unknown>[] = [];
    let wake = () => {};
    child.on('message', (message) => {
      mail.push(message as Record<string, unknown>);
      wake();
    });
    child.send({ kind: 'init', config });
    return {
      send: (message: object) => child.send(message),
      async next(kind: string) {
        for (;;) {
          const message = mail.shift();
          if (message?.kind === kind || message?.kind === 'fatal') return message;
          if (!message) await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      async stop() {
        child.send({ kind: 'stop' });
        expect((await exited)[0]).toBe(0);
      },
    };
  }
});
