import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { stopStack } from '../../src-node/stop-stack.ts';
import { tryPort } from '../../src-node/try-port.ts';
import { aborted, withLimit } from '../../src-node/waits.ts';
import { type DevnetContract, type DevnetSpec, devnetContract } from '../../src-shared/contract/devnet.ts';
import { AppError, describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { type Hex, hex, RAO_PER_TAO } from '../../src-shared/units.ts';
import { defaultDataDir, openDataFolder } from '../data-folder.ts';
import { entryPath } from '../entry-path.ts';
import type { ConnectedChain } from '../network/client.ts';
import { openNetwork } from '../network/network.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import { COLDKEY } from '../vault/key-names.ts';
import { openVault } from '../vault/vault.ts';
import { chainGenesis, type GenesisKeys } from './genesis.ts';
import { DEVNET_CALL_LIMIT_MS } from './limits.ts';
import { type Opening, openWhenReady } from './opening.ts';
import {
  chainFolder,
  identityOf,
  openStandaloneFolder,
  type StandaloneFolder,
  writeProfile,
} from './standalone-folder.ts';
import { ownerVault, standaloneKeys } from './standalone-keys.ts';
import {
  OPENED_WORDS,
  presentWords,
  STOP_WORDS,
  STOPPED_WORDS,
  startWords,
  waitWords,
} from './standalone-words.ts';

export interface StandaloneOptions {
  /** null: the one of the last start, at first 9944. 0 takes any free one. */
  readonly port: number | null;
  /** null: the pace that the chain has, at first 1 s. */
  readonly blockMs: number | null;
  /** Text that keys and genesis are made from; null: at random. */
  readonly seed: string | null;
  /** Release that a new chain begins with; null: that of the last start, at first 393. */
  readonly specVersion: DevnetSpec | null;
  /** null: `devnet` in the data folder of this user. */
  readonly folder: string | null;
}

export interface Terminal {
  print(line: string): void;
  /** What the child itself prints, for whoever wants to see it. */
  log(line: string): void;
  /** Where commands are typed; null where nobody can. */
  readonly typed: Readable | null;
}

const FIRST_BLOCK_MS = 1_000;
const VALIDATOR_STAKE_ALPHA = 400n * RAO_PER_TAO;

/**
 * Runs a practice chain for others to join until the signal aborts, and stops it in order. A folder that has one
 * already goes on with it.
 * @throws {AppError} PORT_IN_USE, DEVNET_STATE_FOREIGN, DATA_DIR_IN_USE, CHILD_GAVE_UP, or what the disk says
 */
export async function runDevnet(
  options: StandaloneOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const started = stopStack({ onProblem: (name, problem) => terminal.log(`${name}: ${problem}`) });
  try {
    await compose();
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    await started.stop();
  }
  terminal.print(STOPPED_WORDS);

  async function compose(): Promise<void> {
    const dataFolder = await openDataFolder(options.folder ?? join(defaultDataDir(), 'devnet'));
    started.push('folder', () => dataFolder.release());
    const folder = await openStandaloneFolder(dataFolder.path, options, (error) => say(terminal, error));
    const keys = await standaloneKeys(dataFolder.path, folder.kept.seed);
    await checkPort(folder.kept.port);
    const { child, failed } = startChild(dataFolder.path, folder, keys, options, terminal);
    started.push('devnet', () => child.stop());
    const { url, genesis, blockMs, hasBegun } = await Promise.race([settle(child, options, signal), failed]);

    const port = Number(new URL(url).port);
    await folder.keep({ ...folder.kept, port });
    const meeting = `127.0.0.1:${meetingPort(port)}`;
    const profile = profileOf(keys, genesis, url, meeting);
    await writeProfile(dataFolder.path, profile);
    const told = {
      url,
      blockMs,
      folder: dataFolder.path,
      meeting,
      stakeAlpha: VALIDATOR_STAKE_ALPHA,
      hasBegun,
    };
    for (const line of startWords(told)) terminal.print(line);
    await Promise.race([watch(profile, keys, dataFolder.path), failed]);
    await Promise.race([aborted(signal), failed]);
  }

  async function watch(profile: Profile, keys: GenesisKeys, folder: string): Promise<void> {
    const { chain: subnet } = profile.consensus;
    const network = await openNetwork({
      endpoints: profile.local.endpoints,
      log: terminal.log,
      signal,
    });
    started.push('chain client', () => network.stop());
    const chain = await network.subnet(subnet.netuid, subnet.identity, signal);
    const opening = await openFor(chain, profile, keys, folder);
    started.push('opening', () => opening.stop());
    void opening.opened.then(() => terminal.print(OPENED_WORDS));
    const { firstEmissionBlock } = await chain.subnet(null, withLimit(signal, DEVNET_CALL_LIMIT_MS));
    const { minMembers } = profile.consensus.group;
    // Where it is open already the words above say so by themselves.
    if (firstEmissionBlock === null) terminal.print(waitWords(minMembers));
    terminal.print(STOP_WORDS);
    if (terminal.typed) started.push('typed commands', listenTo(terminal.typed, opening, terminal));
  }

  async function openFor(
    chain: ConnectedChain,
    profile: Profile,
    keys: GenesisKeys,
    folder: string,
  ): Promise<Opening> {
    const vault = openVault({ dir: ownerVault(folder) });
    await vault.ensurePracticeColdkey(COLDKEY);
    const { minMembers } = profile.consensus.group;
    const others = [keys.owner.hotkey, keys.validator.hotkey];
    let lastWords = '';
    return openWhenReady({
      chain,
      runTag: runTagOf(profileHash(profile.consensus)),
      owner: vault.signer(COLDKEY, () => chain.callIndexes()),
      witness: keys.validator.hotkey,
      minersNeeded: minMembers,
      miners: async (limit) => {
        const neurons = await chain.metagraph(null, limit);
        return neurons.map(({ hotkey }) => hotkey).filter((hotkey) => !others.includes(hotkey));
      },
      progress(present) {
        const words = presentWords(present, minMembers);
        const isNews = words !== lastWords && (present.miners > 0 || present.witness);
        lastWords = words;
        if (isNews) terminal.print(words);
      },
      prepare: async () => undefined,
      log: terminal.log,
      signal,
    });
  }
}

/** Bootstrap address of the run: where the validator is asked to listen, beside the chain's own port. */
const meetingPort = (port: number): number => (port < 65_535 ? port + 1 : port - 1);

const profileOf = (keys: GenesisKeys, genesis: Hex, url: string, meeting: string): Profile =>
  practiceProfile({
    witness: keys.validator.hotkey,
    ownerColdkey: keys.owner.coldkey,
    genesis,
    endpoint: url,
    bootstrap: [`/ip4/127.0.0.1/tcp/${meeting.split(':')[1]}`],
  });

/** A child that cannot start at all is told at once, not after five tries. */
function startChild(
  folder: string,
  { kept }: StandaloneFolder,
  keys: GenesisKeys,
  { blockMs }: StandaloneOptions,
  terminal: Terminal,
): { readonly child: SupervisedChild<DevnetContract>; readonly failed: Promise<never> } {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let { port } = kept;
  let wasReady = false;
  const child = superviseChild({
    contract: devnetContract,
    name: 'devnet',
    entry: entryPath('devnet'),
    extraEnv: {},
    init: () =>
      v.parse(
        devnetContract.init,
        chainGenesis(
          keys,
          identityOf(kept),
          {
            dataDir: chainFolder(folder),
            port,
            blockMs: blockMs ?? FIRST_BLOCK_MS,
            specVersion: kept.specVersion,
          },
          VALIDATOR_STAKE_ALPHA,
        ),
      ),
    onReady(client) {
      wasReady = true;
      // Clients come back to the address they know.
      port = Number(new URL(client.ready.url).port);
    },
    onState(state) {
      if (state.kind === 'failed') failure.reject(state.error);
      if (state.kind === 'backing-off' && !wasReady) failure.reject(state.error);
    },
    onNotice: (error, cleared) => {
      if (!cleared) say(terminal, error);
      else terminal.print(`The practice chain goes on (${error.code} is over).`);
    },
    log: terminal.log,
  });
  return { child, failed: failure.promise };
}

/** Waits for the chain, and gives it the pace that was asked for. */
async function settle(
  child: SupervisedChild<DevnetContract>,
  { blockMs }: StandaloneOptions,
  signal: AbortSignal,
): Promise<{
  readonly url: string;
  readonly genesis: Hex;
  readonly blockMs: number;
  readonly hasBegun: boolean;
}> {
  const { ready } = await child.whenReady(signal);
  const limit = withLimit(signal, DEVNET_CALL_LIMIT_MS);
  if (blockMs !== null && blockMs !== ready.blockMs) await child.call('setBlockMs', { blockMs }, limit);
  const { url, hasBegun } = ready;
  const genesis = hex(ready.genesisHash.replace(/^0x/, ''));
  return { url, genesis, blockMs: blockMs ?? ready.blockMs ?? FIRST_BLOCK_MS, hasBegun };
}

/** Tried here, because a child that finds its port taken is one more process and one more wait. @throws {AppError} PORT_IN_USE */
async function checkPort(port: number): Promise<void> {
  await tryPort('127.0.0.1', port).catch((cause: unknown) => {
    throw new AppError('PORT_IN_USE', { port }, cause);
  });
}

/** @returns what ends the listening */
function listenTo(typed: Readable, opening: Opening, terminal: Terminal): () => void {
  const lines = createInterface({ input: typed });
  lines.on('line', (line) => {
    const word = line.trim();
    if (word === 'start') opening.openNow().catch((thrown: unknown) => say(terminal, thrown));
    else if (word !== '')
      terminal.print(`There is no “${word}” here. Type start to start emission, or press Ctrl+C to stop.`);
  });
  return () => lines.close();
}

function say(terminal: Terminal, thrown: unknown): void {
  const { sentence, action } = describeError(toCodedError(thrown));
  terminal.print(`${sentence} ${action}`);
}
