import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { agreeing } from '../../test/e2e/shell/at-terminal.ts';
import { startWholeHub, type WholeHub } from '../../test/fakes/hub/whole.ts';
import { type SaidProcess, startCommand } from '../practice/said-process.ts';
import { readProfile, smallGpt2, writeProfile } from './small-gpt2.ts';
import { shardFiles } from './words.ts';

/** A line of a command, or of a host that starts beside others on a busy machine. */
export const LINE_LIMIT_MS = 120_000;
const NETUID = '38';
/** The contribution is five times a practice's: half as long again for each block. */
const BLOCK_MS = '1500';
const SHARDS = { shards: 2, rowGroups: 3, rows: 60 };

/** Has the profile, and then the states: the repository is open to all from its beginning. */
export const STATES = 'me/states';

type Settings = Partial<SettingValues>;

/** A chain of this computer, a Hub of this computer, and the commands of somebody who begins a run on them. */
export interface OwnRunRig {
  readonly hub: WholeHub;
  /** Steps of the owner, each by its command. @throws {Error} with what the command said when it fails */
  readonly owner: Readonly<Record<'create' | 'pin' | 'publish' | 'announce' | 'start', () => Promise<void>>>;
  /** A host that joins by the number of the subnet, with a data folder of its own. */
  join(keys: string, role: 'miner' | 'validator', settings: Settings, listen?: string): Promise<SaidProcess>;
  /** The same host again, on what its folder knows. */
  goOn(keys: string): SaidProcess;
  /** Where the profile tells newcomers to ask first. */
  readonly meeting: string;
  dataDirOf(keys: string): string;
  stop(): Promise<void>;
}

export async function openOwnRunRig(): Promise<OwnRunRig> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-own-run-'));
  const at = (name: string) => join(folder, name);
  const hub = await startWholeHub({ files: shardFiles(SHARDS) });
  const env = { HF_ENDPOINT: hub.url };
  const running: SaidProcess[] = [];
  const begin = (args: readonly string[]): SaidProcess => {
    const one = startCommand(args, { env });
    running.push(one);
    return one;
  };
  async function stop(): Promise<void> {
    for (const one of running.reverse()) await one.stop();
    await hub.stop();
    await rm(folder, { recursive: true, force: true });
  }

  async function ended(args: readonly string[], piped = ''): Promise<void> {
    const command = startCommand(args, { env, piped });
    if ((await command.ended) !== 0) throw new Error(`${args.join(' ')}\n${command.lines.join('\n')}`);
  }

  const setHubToken = (dataDir: string) =>
    ended(['token', 'set', 'hub', '--data-dir', dataDir], `${hub.models.token}\n`);

  try {
    const devnet = begin(['devnet', '--folder', at('net'), '--port', '0', '--block-ms', BLOCK_MS]);
    const [line = ''] = await devnet.said(/answers at ws:/, 1, LINE_LIMIT_MS);
    const network = `own=${/ws:\/\/[\d.:]+\d/.exec(line)?.[0]}`;
    const given = await readProfile(at('net/profile.json'));
    await writeProfile(at('base.json'), smallGpt2(given, hub.datasets.id));
    const [bootstrap = ''] = given.local.bootstrap;
    const { witnesses } = given.consensus;
    const [witness = ''] = witnesses.kind === 'hotkeys' ? witnesses.hotkeys : [];
    const signed = ['--network', network, '--wallet', at('net/owner'), '--data-dir', at('owner')];
    const [profile, store] = [at('mine.json'), `hub:${STATES}`];
    const dataDirOf = (keys: string) => at(`${keys}-host`);
    const owner = {
      create: async () =>
        void (await agreeing([
          ...['run', 'create', profile, ...signed, '--netuid', NETUID, '--base', at('base.json')],
          ...['--name', 'mine', '--subnet-name', 'Mine', '--witnesses', witness, '--bootstrap', bootstrap],
        ])),
      pin: () => ended(['run', 'pin', profile]),
      publish: async () => {
        await mkdir(at('owner'), { recursive: true, mode: 0o700 });
        await setHubToken(at('owner'));
        await ended(['run', 'publish', profile, '--store', store, '--data-dir', at('owner')]);
      },
      announce: async () =>
        void (await agreeing(['run', 'announce', profile, '--store', store, ...signed], env)),
      start: async () => void (await agreeing(['run', 'start', '--netuid', NETUID, ...signed])),
    };
    return {
      ...{ hub, owner, dataDirOf, stop },
      meeting: `127.0.0.1:${bootstrap.split('/').at(-1)}`,
      async join(keys, role, settings, listen = '127.0.0.1:0') {
        const dataDir = dataDirOf(keys);
        await mkdir(dataDir, { mode: 0o700 });
        const values = { 'training.threads': 1, ...settings };
        await writeFile(join(dataDir, 'settings.json'), JSON.stringify({ version: 1, values }));
        if (settings['publishing.to'] === 'hub') await setHubToken(dataDir);
        const hash = profileHash((await readProfile(profile)).consensus);
        return begin([
          ...['join', '--headless', '--network', network, '--netuid', NETUID, '--accept', hash],
          ...['--keys', at(`net/${keys}`), '--role', role, '--listen', listen, '--data-dir', dataDir],
          ...(role === 'miner' ? ['--register-limit', '1'] : []),
        ]);
      },
      goOn: (keys) => begin(['--headless', '--data-dir', dataDirOf(keys)]),
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
