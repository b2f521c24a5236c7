import { withLimit } from '../src-node/waits.ts';
import type { ModelLosses } from '../src-shared/contract/page/models.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { lossRise, type RoundLoss } from '../src-shared/published/loss-rise.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import { parseStoreAddress, type StoreAddress } from '../src-shared/stores/store-address.ts';
import type { Hex, Ss58 } from '../src-shared/units.ts';
import { demandMayOpen, readAnnouncement } from './join/find-run.ts';
import { openToJoin } from './join/open-network.ts';
import { LOSS_RUNS_MAX, OWN_ROUNDS } from './models/limits.ts';
import type { OwnRounds } from './models/losses.ts';
import { type Models, type ModelsOptions, openModels } from './models/models.ts';
import { ownStore, readStore, type StoreOfModels } from './models/sources.ts';
import type { Networks } from './network/networks.ts';
import { openPlace, placeName } from './publishing/chosen-place.ts';
import type { PublishedRun } from './publishing/prepare.ts';
import { repositoryOf } from './publishing/publisher.ts';
import { endpointChosen } from './runs/chosen.ts';
import { RUN_READ_LIMIT_MS } from './runs/limits.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';
import type { Tokens } from './vault/tokens.ts';
import type { Told } from './view/told.ts';

export interface HostModelsOptions
  extends Pick<ModelsOptions, 'dataDir' | 'publish' | 'extraEnv' | 'log' | 'shown' | 'signal'> {
  readonly runs: Runs;
  readonly networks: Networks;
  readonly store: Pick<Store, 'bases' | 'runLog'>;
  readonly tokens: Pick<Tokens, 'reveal'>;
  readonly told: Pick<Told, 'notice' | 'of'>;
  settings(): SettingValues;
}

export interface HostModels extends Models {
  /**
   * Adds the store that the owner of a subnet announces there.
   * @throws {AppError} NETWORK_NOT_OPEN, SUBNET_ABSENT, RUN_NOT_ANNOUNCED, ANNOUNCEMENT_NEARBY, of the network, or as `add`
   */
  addSubnet(networkName: string, netuid: number): Promise<string>;
}

/** Models of this host: the stores that its settings and its runs name, and curves of what its runs measured. */
export async function openHostModels(host: HostModelsOptions): Promise<HostModels> {
  const { runs, store, told, log } = host;
  const models = await openModels({
    ...host,
    told: told.notice,
    nowMs: Date.now,
    stores: () => storesOf(host),
    ownRounds: () => ownRounds(store),
  });
  const followed = new Map<LiveRun, () => void>();
  const leave = (live: LiveRun) => {
    followed.get(live)?.();
    followed.delete(live);
  };
  const quietly = (work: Promise<void>) => void work.catch((thrown: unknown) => log(`curves: ${thrown}`));
  const ends = [
    runs.on('begun', (live) =>
      live.on('working', ({ run }) => {
        leave(live);
        const alarm = riseAlarm(live.facts.profile, told.of(live.id));
        alarm(run.rounds.heldOut);
        followed.set(
          live,
          run.rounds.on('heldOut', () => {
            alarm(run.rounds.heldOut);
            quietly(models.roundsChanged());
          }),
        );
      }),
    ),
    runs.on('gone', leave),
  ];
  return {
    ...models,
    get view() {
      return models.view;
    },
    get downloads() {
      return models.downloads;
    },
    addSubnet: async (networkName, netuid) =>
      models.addAddress(await announcedStore(host, networkName, netuid)),
    async stop() {
      for (const end of [...ends, ...followed.values()]) end();
      await models.stop();
    },
  };
}

/** Where this computer publishes, where its settings read from, and what members of its runs say on chain, in that order. */
async function storesOf(host: HostModelsOptions): Promise<readonly StoreOfModels[]> {
  const { settings, runs, tokens } = host;
  const values = settings();
  const joined = [...runs.live.keys(), ...runs.stopped.map(({ id }) => id as Ss58)].flatMap((hotkey) => {
    const origin = runs.originOf(hotkey);
    return origin.kind === 'joined' ? [{ hotkey, consensus: origin.profile.consensus }] : [];
  });
  return [...storesOfSettings(values, tokens, joined), ...(await storesOfMembers(host))];
}

/**
 * Where this computer publishes, and where its settings read from.
 * @param joined runs, of which each has a repository of its own where the account of the key makes them
 */
export function storesOfSettings(
  values: SettingValues,
  tokens: HostModelsOptions['tokens'],
  joined: readonly Pick<PublishedRun, 'hotkey' | 'consensus'>[],
): readonly StoreOfModels[] {
  const chosen = parseStoreAddress(values['publishing.from']);
  return [...ownStores(values, tokens, joined), ...(chosen ? [readStore(chosen, 'chosen')] : [])];
}

/** A chain that does not answer just now names nobody; what was seen in their stores is known all the same once it does. */
async function storesOfMembers({ runs, log, signal }: HostModelsOptions): Promise<readonly StoreOfModels[]> {
  const found: StoreOfModels[] = [];
  for (const { body } of runs.live.values()) {
    if (!body) continue;
    const limited = withLimit(signal, RUN_READ_LIMIT_MS);
    const told = await body.run.toldStores(limited).catch((thrown: unknown) => {
      log(`stores of members: ${thrown}`);
      return [];
    });
    found.push(...told.map((store) => readStore(store, 'announced')));
  }
  return found;
}

/** A store in the reader's own network is none that a stranger may name. */
async function announcedStore(
  { networks, settings, signal }: HostModelsOptions,
  networkName: string,
  netuid: number,
): Promise<StoreAddress> {
  const endpoint = endpointChosen(settings(), networkName);
  if (endpoint === null) throw new AppError('NETWORK_NOT_OPEN', { network: networkName });
  const { network, release } = await openToJoin(networks, { networkName, endpoint }, signal);
  try {
    const { store } = (await readAnnouncement(network, netuid, signal)).announcement;
    demandMayOpen(store, network);
    return store;
  } finally {
    await release();
  }
}

/** One a place; where the account of the key gets a repository for each run, one a run. */
function ownStores(
  values: SettingValues,
  tokens: HostModelsOptions['tokens'],
  joined: readonly Pick<PublishedRun, 'hotkey' | 'consensus'>[],
): readonly StoreOfModels[] {
  const name = placeName(values);
  if (name === null) return [];
  if (values['publishing.to'] !== 'hub' || values['publishing.repository'] !== '')
    return [ownStore(name, () => openPlace(values, 'states', tokens))];
  return [...new Set(joined.map(repositoryOf))].map((repository) =>
    ownStore(`hub:…/${repository}`, () => openPlace(values, repository, tokens)),
  );
}

async function ownRounds({ bases, runLog }: HostModelsOptions['store']): Promise<readonly OwnRounds[]> {
  const newest = (await runLog.runs()).slice(0, LOSS_RUNS_MAX);
  return Promise.all(
    newest.map(async ({ runId, profile, profileHash }) => ({
      runName: profile,
      profileHash: profileHash as Hex,
      rounds: (await bases(runId, OWN_ROUNDS)).map(({ round, heldOutLoss, digest }) => ({
        ...{ round, loss: heldOutLoss, baseDigest: digest },
      })),
    })),
  );
}

/** Tells its user once that the loss rises, again when it has risen on, and takes it back when it fell. */
export function riseAlarm(
  run: string,
  { notice, clearNotice }: Pick<ReturnType<Told['of']>, 'notice' | 'clearNotice'>,
): (points: readonly RoundLoss[]) => void {
  let toldSince: ModelLosses['rise'] = null;
  return (points) => {
    const rise = lossRise(points);
    if (!rise && toldSince) clearNotice('MODEL_LOSS_RISES');
    if (rise && (toldSince?.sinceRound !== rise.sinceRound || toldSince.states !== rise.states)) {
      const { states, sinceRound: round, fromLoss, toLoss } = rise;
      const params = { run, states, round, from: fromLoss.toFixed(3), to: toLoss.toFixed(3) };
      notice({ code: 'MODEL_LOSS_RISES', params });
    }
    toldSince = rise;
  };
}
