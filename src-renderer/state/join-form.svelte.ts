import type {
  FoundRunView,
  JoinAsked,
  JoinQuote,
  JoinRequest,
  ProfileOpened,
  ProfileSource,
  ProfileSummary,
} from '../../src-shared/contract/page/join.ts';
import type { EndpointFacts } from '../../src-shared/contract/page/network.ts';
import { isWebSocketUrl, type SettingValues } from '../../src-shared/settings.ts';
import { typedTao } from '../../src-shared/units.ts';
import { t } from '../i18n/t.ts';
import { Lookup } from './lookup.svelte.ts';

export type NetworkChoice = 'finney' | 'test' | 'own';

/** What "Join a network" was told so far. It outlives the screen: looking elsewhere loses nothing. */
class JoinForm {
  network = $state<NetworkChoice>('own');
  name = $state('my-network');
  endpoint = $state('');
  source = $state.raw<ProfileSource | null>(null);
  /** Name of the file that was opened. */
  fileName = $state<string | null>(null);
  role = $state<'miner' | 'validator'>('miner');
  /** null until it was typed: then the setting's folder stands there. */
  typedKeysFolder = $state<string | null>(null);
  typedLimit = $state<string | null>(null);
  stake = $state('');

  readonly facts = new Lookup<EndpointFacts>();
  readonly profile = new Lookup<ProfileSummary>();
  readonly quote = new Lookup<JoinQuote>();
  /** The run that the owner of a subnet announces. */
  readonly announced = new Lookup<FoundRunView>();
  typedNetuid = $state('');

  #takenAtMs = 0;
  #openedAtMs = 0;
  #found: FoundRunView | null = null;

  /** Fills in what a command line asked for. @returns false where that was done before: what was typed since stays */
  take(asked: JoinAsked, settings: SettingValues): boolean {
    if (asked.atMs === this.#takenAtMs) return false;
    this.#takenAtMs = asked.atMs;
    const { networkName: name, endpoint, profile, registrationLimitRao: limit, stakeRao: stake } = asked;
    const isChosen = name === 'finney' || name === 'test';
    this.network = isChosen && settings[`network.${name}.endpoint`] === endpoint ? name : 'own';
    this.name = name;
    this.endpoint = endpoint;
    this.source = profile;
    this.fileName = profile.kind === 'file' ? t('join.fromCommandLine') : null;
    this.role = asked.role;
    this.typedKeysFolder = asked.keysFolder;
    this.typedLimit = limit === null ? null : typedTao(limit);
    this.stake = stake === null ? '' : typedTao(stake);
    return true;
  }

  /** Fills in a file that was opened. @returns false where that was done before */
  open({ atMs, fileName, profile }: ProfileOpened): boolean {
    if (atMs === this.#openedAtMs) return false;
    this.#openedAtMs = atMs;
    this.source = profile;
    this.fileName = fileName;
    return true;
  }

  /** The subnet whose run is looked for; null while what is typed is no number of one. */
  get announcedNetuid(): number | null {
    const text = this.typedNetuid.trim();
    const netuid = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    return netuid >= 1 && netuid <= NETUID_MAX ? netuid : null;
  }

  findRun(endpoint: string, netuid: number): void {
    const networkName = this.networkName;
    this.announced.ask((api) => api.findRun({ networkName, endpoint }, netuid), 0);
  }

  /** Fills in a run that was found, once: what is chosen since stays. */
  takeAnnounced(found: FoundRunView): void {
    if (found === this.#found) return;
    this.#found = found;
    this.source = found.profile;
    this.fileName = t('join.announcedOn', { netuid: found.summary.netuid });
  }

  get networkName(): string {
    return this.network === 'own' ? this.name.trim() : this.network;
  }

  /** The chosen network's endpoint, or the one typed. */
  endpointOf(settings: SettingValues): string {
    if (this.network === 'finney') return settings['network.finney.endpoint'];
    if (this.network === 'test') return settings['network.test.endpoint'];
    return this.endpoint.trim();
  }

  keysFolderOf = (settings: SettingValues): string => this.typedKeysFolder ?? settings['join.keysFolder'];
  limitOf = (settings: SettingValues): string =>
    this.typedLimit ?? String(settings['join.registrationLimit']);

  lookUpEndpoint(endpoint: string, netuid: number): void {
    this.facts.ask(isWebSocketUrl(endpoint) ? (api) => api.testEndpoint(endpoint, netuid) : null);
  }

  lookUpProfile(): void {
    const { source } = this;
    this.profile.ask(source ? (api) => api.readProfile(source) : null, 0);
  }

  lookUpQuote(request: JoinRequest | null): void {
    this.quote.ask(request ? (api) => api.quoteJoin(request) : null);
  }

  /** Has Butterfly make keys of its own, then asks again what joining takes. */
  makeKeys(request: JoinRequest): void {
    const { networkName, endpoint } = request;
    this.quote.ask(async (api) => {
      await api.makeKeys({ networkName, endpoint });
      return api.quoteJoin(request);
    }, 0);
  }

  requestOf(settings: SettingValues): JoinRequest | null {
    const { source } = this;
    if (!source) return null;
    const keysFolder = this.keysFolderOf(settings).trim();
    return {
      networkName: this.networkName,
      endpoint: this.endpointOf(settings),
      profile: source,
      role: this.role,
      keysFolder: keysFolder === '' ? null : keysFolder,
    };
  }
}

const NETUID_MAX = 65_535;

/** Where the real run lives; asked about until a profile says otherwise. */
export const DEFAULT_NETUID = 38;

export const joinForm = new JoinForm();
