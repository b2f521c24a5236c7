import type { Notices } from '../../src-node/notices.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { RunFacts, SetupStepId } from '../../src-shared/contract/page/runs.ts';
import type { EngineChoice } from '../../src-shared/contract/train.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import type { Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import { placesOf, runFolder } from '../data-folder.ts';
import { findKeys } from '../join/keys.ts';
import { placeFile } from '../join/register.ts';
import type { Network } from '../network/client.ts';
import type { Networks } from '../network/networks.ts';
import type { StateSource } from '../rounds/state-source.ts';
import type { ToldStores } from '../rounds/told-stores.ts';
import type { Store } from '../store/store.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { silenceOf } from './begin-again.ts';
import {
  announcedStoreChosen,
  endpointsOf,
  engineChosen,
  listenChosen,
  outsideChosen,
  shareChosen,
  textBytesChosen,
} from './chosen.ts';
import type { JoinedRun } from './kept-runs.ts';
import { RUN_READ_LIMIT_MS } from './limits.ts';
import type { PlanEvents, RunBody, RunPlan } from './plan.ts';
import { startRun } from './run.ts';
import { SetupSteps } from './setup-steps.ts';
import { watchFirsts } from './watch-firsts.ts';
import type { Milestone } from './work.ts';

/** What its user agreed to pay when joining; a restart pays nothing. */
export interface Consent {
  readonly registrationLimitRao: Rao | null;
  readonly stakeRao: Rao | null;
  /** Given just now, so that it is for another place too, where the hotkey lost the one it had. */
  readonly isConsentFresh: boolean;
}

export const NOTHING_PAID: Consent = { registrationLimitRao: null, stakeRao: null, isConsentFresh: false };

export interface JoinedOptions {
  /** The host's data folder; the run gets one of its own below. */
  readonly dataDir: string;
  readonly networks: Networks;
  readonly store: Store;
  settings(): SettingValues;
  /** Memory that nobody uses now of what computes; null: nobody can tell, or it is no card. */
  freeBytes(engine: EngineChoice): Promise<number | null>;
  readonly extraEnv: ExtraEnv;
  noticesOf(run: Ss58): Notices;
  /** Where states of a run are had beside peers. */
  sourceOf(run: { readonly consensus: Consensus; readonly profileHash: Hex }, told: ToldStores): StateSource;
  /** What was staked for it, which is news and no fault. */
  onStaked(run: Ss58, outcome: CodedError): void;
  /** Where the practice of this host answers; null while there is none. */
  practiceAt(): RunPlace | null;
  log(line: string): void;
}

/** Where a network answers, and whom of a run to ask first there. */
export interface RunPlace {
  readonly endpoints: readonly string[];
  readonly bootstrap: readonly string[];
}

const order: readonly SetupStepId[] = [
  'keys',
  'network',
  'engine',
  'registration',
  'peers',
  'round',
  'scores',
  'earnings',
];

const stepOf: Readonly<Record<Milestone, SetupStepId>> = {
  engine: 'engine',
  network: 'network',
  registered: 'registration',
  peers: 'peers',
};

/** A run on somebody else's network, with keys that lie in a folder. @throws {AppError} KEYS_FOLDER_WITHOUT_KEYS, KEY_FILE_CORRUPT */
export async function planJoined(
  origin: JoinedRun,
  consent: Consent,
  options: JoinedOptions,
  continuesAt: Store['continuesAt'],
): Promise<RunPlan> {
  const keys = await findKeys(origin.keysDir);
  const { profile, role } = origin;
  const { consensus, local } = profile;
  const id = keys.hotkey;
  const runTag = runTagOf(profileHash(consensus));
  const facts: RunFacts = {
    profile: consensus.name,
    profileHash: profileHash(consensus),
    netuid: consensus.chain.netuid,
    role,
    mark: local.mark,
    startedAtMs: Date.now(),
    network: origin.networkName,
    controls: ['pause', 'stop'],
    continuesAtRound: await continuesAt(profileHash(consensus), id),
  };

  const paying = forOneBegin(consent);
  async function begin(told: PlanEvents, signal: AbortSignal): Promise<RunBody> {
    const agreed = paying();
    let release = async (): Promise<void> => undefined;
    const isNew = facts.continuesAtRound === null;
    const steps = new SetupSteps(order, (list) => isNew && told.setup(list));
    steps.set('keys', 'done');
    steps.set('network', 'working');
    try {
      const settings = options.settings();
      const engine = engineChosen(settings, options.dataDir);
      const { endpoints, bootstrap } = placeNow(settings);
      const network = { name: origin.networkName, endpoints };
      // Opened ahead of the run's own share, for the place of its past is that of its chain.
      const share = await options.networks.open(network, signal);
      release = share.release;
      await demandChain(share.network, signal);
      const { genesisHash } = share.network;
      const run = await startRun(
        {
          dataDir: await runFolder(options.dataDir, { hotkey: id, runTag, genesisHash }),
          keys,
          network,
          profile: { ...profile, local: { ...local, bootstrap: [...bootstrap] } },
          role,
          ...agreed,
          engine,
          share: () => shareChosen(options.settings()),
          textBytes: () => textBytesChosen(options.settings()),
          freeBytes: () => options.freeBytes(engine),
          adversary: null,
          sourceBeside: (told) => options.sourceOf({ consensus, profileHash: profileHash(consensus) }, told),
          announcedStore: announcedStoreChosen(settings),
          listen: origin.listen ?? listenChosen(settings),
          outside: outsideChosen(settings),
          measuresHeldOut: true,
          extraEnv: options.extraEnv,
          notices: options.noticesOf(id),
          log: (line) => options.log(`${id.slice(0, 8)} ${line}`),
          onStaked: (outcome) => options.onStaked(id, outcome),
          onGaveUp: told.gaveUp,
          mayTrain: told.mayTrain,
          onMilestone: (milestone) => steps.set(stepOf[milestone], 'done'),
        },
        { networks: options.networks, store: options.store, train: null },
        signal,
      );
      watchFirsts(run, steps);
      return {
        run,
        setActive: (active) => run.rounds.setActive(active),
        setBlocked: run.setBlocked,
        setForeign: run.setForeign,
        processes: run.processes,
        stop: run.stop,
      };
    } catch (error) {
      if (!silenceOf(error)) steps.fail({ code: 'unfinished', params: {} });
      throw error;
    } finally {
      await release();
    }
  }
  return { id, facts, keysDir: keys.folder, waitsForChain: true, begin };

  /** @throws {AppError} CHAIN_UNREACHABLE of a practice that does not run: it is waited for like any chain */
  function placeNow(settings: SettingValues): RunPlace {
    if (!origin.beside) return { endpoints: endpointsOf(origin, settings), bootstrap: origin.bootstrap };
    const at = options.practiceAt();
    if (!at) throw new AppError('CHAIN_UNREACHABLE', { endpoint: origin.networkName });
    return at;
  }

  /** An address may be given to another chain: what was paid and learnt belongs to the one that was joined. */
  async function demandChain(network: Network, signal: AbortSignal): Promise<void> {
    const wanted = origin.genesisHash ? [origin.genesisHash] : await chainsOfBefore();
    const [genesisHash] = wanted;
    if (!genesisHash || wanted.includes(network.genesisHash)) return;
    const { name } = await network.identity(withLimit(signal, RUN_READ_LIMIT_MS));
    throw new AppError('CHAIN_IS_ANOTHER', {
      found: `${name} (${network.genesisHash.slice(0, 8)}…)`,
      wanted: `the chain that was joined (${genesisHash.slice(0, 8)}…)`,
    });
  }

  /** What a list of an older Butterfly does not say stands where the hotkey had its place in this run. */
  async function chainsOfBefore(): Promise<readonly Hex[]> {
    const folders = await placesOf(options.dataDir, { hotkey: id, runTag });
    const places = await Promise.all(
      folders.map((folder) => placeFile(folder, options.noticesOf(id).notice).read()),
    );
    return places.flatMap((place) => (place ? [place.genesisHash] : []));
  }
}

/** What was agreed to was agreed to now: a run that begins again by itself, perhaps hours later, pays nothing. */
export function forOneBegin(consent: Consent): () => Consent {
  let agreed = consent;
  return () => {
    const now = agreed;
    agreed = NOTHING_PAID;
    return now;
  };
}
