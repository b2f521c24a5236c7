import type {
  FoundRunView,
  JoinQuote,
  JoinRequest,
  ProfileSource,
} from '../src-shared/contract/page/join.ts';
import { AppError, type CodedError } from '../src-shared/errors/app-error.ts';
import { profileHash } from '../src-shared/profile/profile.ts';
import { whyNotRunnable } from '../src-shared/profile/runnable.ts';
import type { Profile } from '../src-shared/profile/schema.ts';
import type { SettingValues } from '../src-shared/settings.ts';
import { type StoreAddress, shownStoreAddress } from '../src-shared/stores/store-address.ts';
import { type Hex, type Rao, rao, type Ss58, taoText } from '../src-shared/units.ts';
import { placeOf } from './data-folder/place.ts';
import { findRun } from './join/find-run.ts';
import { type FoundKeys, findKeys, makeKeys, ownKeysDir } from './join/keys.ts';
import { openToJoin } from './join/open-network.ts';
import { quoteJoin } from './join/quote.ts';
import { profileOf, summaryOf } from './join/read-profile.ts';
import type { SeenAnnouncements } from './join/seen-announcements.ts';
import { limitOfStake } from './join/stake-quote.ts';
import type { Network } from './network/client.ts';
import { knownNetwork } from './network/known.ts';
import type { Networks } from './network/networks.ts';
import { endpointChosen } from './runs/chosen.ts';
import { NOTHING_PAID } from './runs/joined.ts';
import type { JoinedRun } from './runs/kept-runs.ts';
import type { Runs } from './runs/runs.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

/** Everything that joining was asked with, from the page or the command line. */
export interface JoinOrder extends JoinRequest {
  /** Whether a person has seen what the run is and wants it; one that a stranger announces is shown on the page first. */
  readonly isAgreed: boolean;
  /** Whether who ordered it agreed to the costs; false where they are to be seen on the page first. */
  readonly mayPay: boolean;
  /** Each is the consent to pay at most so much; null pays nothing. */
  readonly registrationLimitRao: Rao | null;
  readonly stakeRao: Rao | null;
  /** Peers to ask first; null takes those of the profile. */
  readonly bootstrap: readonly string[] | null;
  /** Where peers reach this one; null takes what the settings say. */
  readonly listen: { readonly host: string; readonly port: number } | null;
}

/** Where joining a network is asked for, weighed and done. */
export interface JoinDesk {
  /** @throws {AppError} of the network, the profile or the keys */
  quote(request: JoinRequest): Promise<JoinQuote>;
  /**
   * The run that the owner of a subnet announces there. Nothing is begun.
   * @param store where to read its profile instead of where the announcement says
   * @throws {AppError} of the network, or as `findRun`
   */
  find(
    at: Pick<JoinRequest, 'networkName' | 'endpoint'>,
    netuid: number,
    store: StoreAddress | null,
  ): Promise<FoundRunView>;
  /** Makes keys of our own for a network that is no real one. @throws {AppError} KEYS_FOLDER_NEEDED, or of the network */
  makeKeys(at: Pick<JoinRequest, 'networkName' | 'endpoint'>): Promise<void>;
  /** Lays a profile that was opened as a file before whoever looks at the page. @throws {AppError} PROFILE_INVALID */
  offer(fileName: string, profile: ProfileSource): void;
  /** Joins once nothing speaks against it. @returns the run's id */
  join(order: JoinOrder): Promise<Ss58>;
}

export function openJoinDesk(host: {
  readonly dataDir: string;
  readonly networks: Networks;
  readonly runs: Runs;
  readonly keeper: ViewKeeper;
  settings(): SettingValues;
  readonly seen: SeenAnnouncements;
  readonly signal: AbortSignal;
}): JoinDesk {
  const { networks, runs, keeper, seen, signal } = host;
  let waiting: JoinOrder | null = null;

  const keysDirOf = ({ keysFolder, networkName }: JoinRequest): string =>
    keysFolder === null ? ownKeysDir(host.dataDir, networkName) : placeOf(keysFolder);

  /** Only looks: who types half a path, or waits for a price, has not asked for anything to be made. */
  async function keysOf(request: JoinRequest): Promise<FoundKeys> {
    try {
      return await findKeys(keysDirOf(request));
    } catch (thrown) {
      const isOwn = request.keysFolder === null;
      if (isOwn && thrown instanceof AppError && thrown.code === 'KEYS_FOLDER_WITHOUT_KEYS')
        throw new AppError('KEYS_NOT_MADE', { network: request.networkName }, thrown);
      throw thrown;
    }
  }

  async function weigh(request: JoinRequest, profile: Profile, stakeRao: Rao | null): Promise<Weighed> {
    const { role } = request;
    const share = await openToJoin(networks, request, signal);
    try {
      if (request.keysFolder === null) refuseOwnKeys(share.network);
      await refuseOtherChain(share.network, profile, signal);
      const keys = await keysOf(request);
      if (runs.live.has(keys.hotkey)) throw new AppError('RUN_ALREADY_HERE', { hotkey: keys.hotkey });
      const { netuid, identity } = profile.consensus.chain;
      const chain = await share.subnet(netuid, identity, signal);
      const { hotkey, coldkey } = keys;
      const found = await quoteJoin(
        { chain, hotkey, coldkey, role, profileHash: profileHash(profile.consensus) },
        signal,
      );
      const quote = {
        ...found,
        coldkeyFile: keys.coldkeyFile,
        capsPrice: chain.callIndexes().has('SubtensorModule.register_limit'),
        problem: whyNotRunnable(profile) ?? found.problem,
      };
      if (stakeRao && quote.maySpend && !standsAgainst(quote, stakeRao))
        await limitOfStake(chain, stakeRao, signal);
      return { quote, genesisHash: chain.genesisHash };
    } finally {
      await share.release();
    }
  }

  /** The same words after a restart: it was weighed when it was joined, and what was paid is paid. */
  async function goesOn(order: JoinOrder, { consensus }: Profile): Promise<JoinedRun | null> {
    const { hotkey } = await keysOf(order);
    const before = runs.interrupted(hotkey);
    const isSame =
      before?.kind === 'joined' &&
      before.networkName === order.networkName &&
      before.role === order.role &&
      profileHash(before.profile.consensus) === profileHash(consensus);
    return isSame ? before : null;
  }

  async function accept(order: JoinOrder, profile: Profile): Promise<Hex> {
    const { quote, genesisHash } = await weigh(order, profile, order.stakeRao);
    refuse(quote, order);
    return genesisHash;
  }

  /** It costs something and was not agreed to: it waits on the page, where its amounts are no more than suggestions. */
  function waitForPage(order: JoinOrder): void {
    waiting = order;
    const { isAgreed: _, mayPay: _m, bootstrap: _b, listen: _l, ...asked } = order;
    keeper.update({ asked: { ...asked, atMs: Date.now() } });
  }

  /** The page asks for no addresses: those typed with the words that wait there are meant. */
  function withAddresses(order: JoinOrder): JoinOrder {
    if (waiting?.networkName !== order.networkName) return order;
    const { bootstrap, listen } = waiting;
    return { ...order, bootstrap: order.bootstrap ?? bootstrap, listen: order.listen ?? listen };
  }

  return {
    quote: async (request) => (await weigh(request, profileOf(request.profile), null)).quote,
    async find(at, netuid, store) {
      const { network, release } = await openToJoin(networks, at, signal);
      try {
        const { announcement, profile } = await findRun({ network, netuid, store }, seen, signal);
        return {
          profile: { kind: 'file', text: JSON.stringify(profile) },
          summary: summaryOf(profile),
          block: announcement.block,
          store: shownStoreAddress(store ?? announcement.store),
        };
      } finally {
        await release();
      }
    },
    async makeKeys(at) {
      const share = await openToJoin(networks, at, signal);
      try {
        refuseOwnKeys(share.network);
        await makeKeys(ownKeysDir(host.dataDir, at.networkName));
      } finally {
        await share.release();
      }
    },
    offer(fileName, profile) {
      profileOf(profile);
      keeper.update({ opened: { atMs: Date.now(), fileName, profile } });
    },
    async join(asked) {
      const order = withAddresses(asked);
      const { networkName, role } = order;
      const profile = profileOf(order.profile);
      keeper.update({ join: { step: 'checking', networkName } });
      try {
        const before = await goesOn(order, profile);
        const genesisHash = before ? before.genesisHash : await accept(order, profile);
        keeper.update({ join: { step: 'starting', networkName } });
        const { registrationLimitRao, stakeRao } = order;
        const settings = host.settings();
        const live = await runs.start(
          {
            kind: 'joined',
            networkName,
            genesisHash,
            // One that stands in the settings follows them; what was typed stays.
            endpoints: order.endpoint === endpointChosen(settings, networkName) ? null : [order.endpoint],
            profile: { ...profile, local: { ...profile.local, endpoints: [order.endpoint] } },
            role,
            keysDir: keysDirOf(order),
            bootstrap: [...(order.bootstrap ?? profile.local.bootstrap)],
            listen: order.listen,
          },
          order.mayPay ? { registrationLimitRao, stakeRao, isConsentFresh: before === null } : NOTHING_PAID,
        );
        if (waiting?.networkName === networkName) waiting = null;
        if (!waiting) keeper.update({ asked: null });
        return live.id;
      } catch (thrown) {
        if (thrown instanceof AppError && ASKS_ON_PAGE.has(thrown.code)) waitForPage(asked);
        throw thrown;
      } finally {
        keeper.update({ join: null });
      }
    },
  };
}

/** Refused only until somebody looks it over. */
const ASKS_ON_PAGE: ReadonlySet<CodedError['code']> = new Set(['JOIN_ASKS_ON_PAGE', 'RUN_ASKS_ON_PAGE']);

/** Keys that we made have no password and no backup: where coins are worth something nobody works with them. */
function refuseOwnKeys({ genesisHash }: Network): void {
  const known = knownNetwork(genesisHash);
  if (known) throw new AppError('KEYS_FOLDER_NEEDED', { network: known.name });
}

/** A subnet of the same number, name and owner may stand on several chains. */
async function refuseOtherChain(
  network: Network,
  { consensus }: Profile,
  signal: AbortSignal,
): Promise<void> {
  const { genesis } = consensus.chain;
  if (genesis === undefined || genesis === network.genesisHash) return;
  const { name } = await network.identity(signal);
  const named = (chain: string, hash: Hex) => `${chain} (${hash.slice(0, 8)}…)`;
  throw new AppError('CHAIN_IS_ANOTHER', {
    found: named(name, network.genesisHash),
    wanted: named('the chain of the profile', genesis),
  });
}

interface Weighed {
  readonly quote: JoinQuote;
  readonly genesisHash: Hex;
}

/** A permit comes with stake: who stakes now may become a validator. */
function standsAgainst({ problem }: JoinQuote, stakeRao: Rao | null): CodedError | null {
  const comesByStake = problem?.code === 'ROLE_WITHOUT_PERMIT' && stakeRao !== null && stakeRao > 0n;
  return comesByStake ? null : problem;
}

/** What speaks against joining is thrown before anything is begun or paid. */
function refuse(
  quote: JoinQuote,
  { registrationLimitRao: limit, stakeRao, mayPay, isAgreed, networkName }: JoinOrder,
): void {
  const { uid, registrationCostRao: cost, freeRao: free, hotkey } = quote;
  const problem = standsAgainst(quote, stakeRao);
  if (problem) throw new AppError(problem.code, problem.params);
  if (stakeRao && !quote.maySpend) throw new AppError('STAKE_NOT_HERE');
  if (uid === null && !quote.maySpend) throw new AppError('HOTKEY_NOT_REGISTERED', { hotkey });
  if (!isAgreed) throw new AppError('RUN_ASKS_ON_PAGE', { network: networkName });
  if (!mayPay && (uid === null || stakeRao))
    throw new AppError('JOIN_ASKS_ON_PAGE', { network: networkName });
  if (uid === null && limit === null)
    throw new AppError('REGISTRATION_NOT_AGREED', { cost: cost === null ? '?' : taoText(cost) });
  if (uid === null && cost !== null && limit !== null && cost > limit)
    throw new AppError('REGISTRATION_OVER_LIMIT', { cost: taoText(cost), limit: taoText(limit) });
  const needed = (uid === null ? (cost ?? 0n) : 0n) + (stakeRao ?? 0n);
  if (free !== null && needed > free)
    throw new AppError('BALANCE_TOO_LOW', { needed: taoText(rao(needed)), free: taoText(free) });
}
