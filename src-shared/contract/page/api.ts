import type { RunLogKind } from '../../run-logs/row.ts';
import type { SettingId, SettingValue } from '../../settings.ts';
import type { ThemeChoice } from '../../theme.ts';
import type { Hex, Rao, Ss58 } from '../../units.ts';
import type { MoveOrder, WalletOrder } from '../signing.ts';
import type { EarningsHistory, LedgerPart } from './earnings.ts';
import type { AddedEngineId } from './engines.ts';
import type { FoundRunView, JoinQuote, JoinRequest, ProfileSource, ProfileSummary } from './join.ts';
import type { LogCursor, LogPart } from './logs.ts';
import type { ModelPrompt } from './models.ts';
import type { AccountId, MoneyOrder, MoneyQuote, WorthPoint } from './money.ts';
import type { EndpointFacts } from './network.ts';
import type { StoreTested } from './publishing.ts';
import type { RunTablePart } from './run-logs.ts';
import type { EvidenceItem, RoundFilter, RoundsPart, SeriesName, SeriesPoint } from './runs.ts';
import type { RunId, View, ViewPatch } from './sections.ts';
import type { ListedSubnet, OwnMark, SubnetSubject, SubnetView } from './subnet.ts';
import type { TokenSecret, TokenView } from './tokens.ts';
import type { UpdateDelay } from './updates.ts';
import type { ValidationView, ValidatorNeeds } from './validation.ts';
import type { ValidatorsView } from './validators.ts';
import type { WeightsPlan } from './weights-plan.ts';
import type { DisputeChecked, WhyLess } from './why-less.ts';
import type { WritingWish } from './writing.ts';

/** What became of a window of the system in which a person chooses a file. */
export type FileChoice =
  | { readonly kind: 'chosen'; readonly path: string }
  /** Nobody chose one, or this shell has no such window. */
  | { readonly kind: 'none' }
  /** The person takes their time, and a call has a limit: to be asked once more. */
  | { readonly kind: 'open' };

/**
 * Asks a person in a window of the system: for the file of moving, to be written or read, or for a folder.
 * @param asking names this asking: a second call by that name opens no second window, and waits for the first one's
 * @throws {AppError} NOT_NOW while the window of another asking is open
 */
export type FileChooser = (kind: MoveOrder['kind'] | 'folder', asking: string) => Promise<FileChoice>;

/** A file that the page hands to its person. */
export interface DisputeFile {
  readonly name: string;
  readonly text: string;
}

/**
 * What the page may ask of the host. Arguments are validated by `hostApiArguments`; a refusal rejects with a plain
 * CodedError. A call answers within seconds: what takes longer returns at once and shows in the view.
 */
export interface HostApi {
  view(): Promise<View>;
  /** Starts the practice run, or goes on with it; progress shows in its `setup`. */
  startPractice(): Promise<void>;

  /** @param minutes null pauses until resumed. */
  pauseRun(id: RunId, minutes: number | null): Promise<void>;
  /** Ends that pause; rules of the house that say otherwise hold on. */
  resumeRun(id: RunId): Promise<void>;
  /**
   * Lets every run work whatever the house rules say.
   * @param minutes for so long; null: the rules hold again
   */
  setHouseAside(minutes: number | null): Promise<void>;
  /** Stops now, or once the round under way has settled (asked again with 'now', at once). */
  stopRun(id: RunId, when: 'now' | 'after-round'): Promise<void>;
  /** Takes back a stop that was to come after the round. */
  keepRunning(id: RunId): Promise<void>;
  /** Starts one of `stopped`. */
  startRun(id: RunId): Promise<void>;
  /**
   * Ends a run and begins the one that takes over from it, as `successor` shows it; nothing is paid.
   * @param hash of the one that a person looked at. Refused with SUCCESSOR_OTHER where another one follows by now
   */
  followRun(id: RunId, hash: Hex): Promise<void>;
  /** Asks router and members anew whether others reach a run; resolves when `swarm.reachability` tells it. */
  testReachability(id: RunId): Promise<void>;
  /** Takes one of `stopped` from the list. What lies on disk stays. */
  forgetRun(id: RunId): Promise<void>;
  /** Begins a practice anew. Its old folder is kept aside. @returns where */
  startOver(id: RunId): Promise<{ readonly keptAt: string }>;
  /** Stops everything in order and ends the host. */
  quit(): Promise<void>;

  /** Asks the chain behind an endpoint who it is. A newer call ends the one before with CANCELLED. */
  testEndpoint(endpoint: string, netuid: number): Promise<EndpointFacts>;
  readProfile(source: ProfileSource): Promise<ProfileSummary>;
  /** The run that is announced on a subnet, for a person to look at. Begins and spends nothing. */
  findRun(at: Pick<JoinRequest, 'networkName' | 'endpoint'>, netuid: number): Promise<FoundRunView>;
  /** What joining would take. Spends nothing and starts nothing. */
  quoteJoin(request: JoinRequest): Promise<JoinQuote>;
  /** Makes Butterfly's own keys for a network whose coins are worth nothing; those that are there stay. */
  makeKeys(at: Pick<JoinRequest, 'networkName' | 'endpoint'>): Promise<void>;
  /**
   * Joins; the two amounts are the consent: null pays nothing. Returns once the run is there; its setup shows the rest.
   */
  join(
    request: JoinRequest & { readonly registrationLimitRao: Rao | null; readonly stakeRao: Rao | null },
  ): Promise<RunId>;

  /** Keeps an account in sight whose coldkey is on another computer. */
  watchColdkey(watched: { readonly name: string; readonly address: Ss58 }): Promise<void>;
  /** Looks for wallets again, which otherwise happens by itself within half a minute. */
  refreshWallets(): Promise<void>;
  /** Gives an address a name in the address book, or none (null). */
  setContact(address: Ss58, name: string | null): Promise<void>;
  /** Looks at another account from now on; a network that nothing here is connected to yet is opened. */
  watchAccount(id: AccountId): Promise<void>;
  /** All that is booked of a run's hotkey on its chain, of a stopped one too. */
  earningsHistory(id: RunId): Promise<EarningsHistory>;
  /**
   * A part of all that is booked of the coldkey of a run, as it was booked, for its books.
   * @param cursor `next` of the part before; null for the first
   */
  ledgerPart(id: RunId, cursor: string | null): Promise<LedgerPart>;
  /** The account that is looked at, day by day, oldest first; days on which nobody looked are missing. */
  worthSeries(days: number): Promise<readonly WorthPoint[]>;

  /** The economy of a subnet in the state of the newest block that was read. */
  subnetEconomics(of: SubnetSubject): Promise<SubnetView>;
  /** What its user thinks of the subnet, 0 to 10; null takes it back. */
  setSubnetMark(of: SubnetSubject, mark: number | null): Promise<OwnMark | null>;
  /** All subnets of a network but root; one that nothing here is connected to is opened for it. */
  listSubnets(network: string): Promise<readonly ListedSubnet[]>;
  /** How the validator of a run stands on its chain; null while none is known. */
  validation(id: RunId): Promise<ValidationView | null>;
  /** What validating would take of a run that mines. Begins and pays nothing. */
  validatorNeeds(id: RunId): Promise<ValidatorNeeds>;
  /**
   * Begins to validate, as `validatorNeeds` says: in a practice beside the run, paid from the practice's wallet, elsewhere
   * instead of mining. @returns the run that validates
   */
  becomeValidator(id: RunId): Promise<RunId>;
  /**
   * Opens the signing window. @returns its address, for `window.open`: it holds once, and for a minute; null where the
   * app opened a window of its own
   */
  openSigning(theme: ThemeChoice): Promise<string | null>;
  /**
   * A wallet is to be made, restored or backed up: the signing window asks for the password. @returns the id of what
   * waits there
   */
  startWalletTask(order: WalletOrder): Promise<string>;

  /**
   * Asks the person for the file of moving, as `FileChooser` does.
   * @throws {AppError} NOT_NOW
   */
  chooseMoveFile(kind: MoveOrder['kind'], asking: string): Promise<FileChoice>;
  /** All is to be moved from here, or to here: the signing window asks for the password. @returns the id of what waits there */
  startMove(order: MoveOrder): Promise<string>;
  /**
   * Works with hotkeys again that were moved away and never began elsewhere.
   * @param typed what the person typed as consent
   */
  takeBackMoved(typed: string): Promise<void>;

  /**
   * Whom stake can go to on any subnet of an account's network, those first that have the most. A newer call ends the
   * one before with CANCELLED.
   */
  validators(account: AccountId, netuid: number): Promise<ValidatorsView>;
  /**
   * What an order would do, by the newest block. Spends nothing. A newer call ends the one before with CANCELLED.
   */
  quoteMoney(order: MoneyOrder): Promise<MoneyQuote>;
  /**
   * Puts the frozen call of a quote into the signing window, where alone it can be agreed to and signed.
   * @returns the id of what waits there
   */
  askMoney(quoteId: string): Promise<string>;
  /** Takes back what waits, as long as nobody has begun to sign it. */
  withdrawMoney(id: string): Promise<void>;

  /** Looks for graphics cards, which shows in `cards`: 'once' in the life of a host, or 'again'. */
  lookForCards(how: 'once' | 'again'): Promise<void>;

  /**
   * Measures what a device would do with each profile that ships: two minutes at most, in which training rests. Returns
   * at once; `benchmark` shows the rest.
   * @param device the key of a card; 'gpu' for the one that drivers offer first, 'cpu', 'tensorflow'
   */
  startBenchmark(device: string): Promise<void>;
  cancelBenchmark(): Promise<void>;

  /** Begins to add an engine; how far it is, and why it is not there, show in the view. */
  addEngine(id: AddedEngineId): Promise<void>;
  /** Ends an adding under way. What was downloaded is kept for the next. */
  cancelEngine(id: AddedEngineId): Promise<void>;
  removeEngine(id: AddedEngineId): Promise<void>;
  /** Looks again at which engines are there: a terminal may have added one. */
  refreshEngines(): Promise<void>;

  /** Asks for the list of releases now; what came of it shows in `updates`. */
  checkUpdates(): Promise<void>;
  putOffUpdate(delay: UpdateDelay): Promise<void>;
  /** Says no to the version that is offered; a later one is offered again. */
  skipUpdate(): Promise<void>;
  offerUpdateAgain(): Promise<void>;
  /** Begins to fetch what is offered. */
  downloadUpdate(): Promise<void>;
  /** Installs what was fetched, at the next moment in which no round is averaged and nothing is signed; ends the app. */
  installUpdate(): Promise<void>;
  /** Ends a download, or the wait for that moment. */
  cancelUpdate(): Promise<void>;

  /**
   * Ends the host, whose next start begins as the first one did: what it had is moved aside, wallets and keys stay.
   * @param typed what the person typed as consent
   */
  reset(typed: string): Promise<void>;

  /** The tokens of services that are kept here, by name. Their values come to no page. */
  listTokens(): Promise<readonly TokenView[]>;
  /** Keeps a token, in the place of the one that had the name. */
  setToken(name: string, secret: TokenSecret): Promise<void>;
  /** Whether the token opens on this computer; refused with TOKEN_LOCKED where it does not. */
  testToken(name: string): Promise<void>;
  forgetToken(name: string): Promise<void>;

  setSetting<I extends SettingId>(id: I, value: SettingValue<I>): Promise<void>;

  /** Whether the system starts Butterfly when somebody logs in, as the system has it now; null: it cannot be told to. */
  startsAtLogin(): Promise<boolean | null>;
  /** Tells the system so. @returns what it has from now on. Refused with LOGIN_START_UNAVAILABLE. */
  setStartsAtLogin(isOn: boolean): Promise<boolean | null>;

  /** At most `points` points of a series, oldest first, bucket averages. */
  series(id: RunId, name: SeriesName, points: number): Promise<readonly SeriesPoint[]>;
  /**
   * A part of all that is kept of a run, as a table for spreadsheets; of one that is not at work there is none.
   * @param afterSeq `next` of the part before; -1 for the first
   */
  runTable(id: RunId, kind: RunLogKind, afterSeq: number): Promise<RunTablePart>;
  /**
   * A part of the rounds that a run went through, newest first; of one that is not at work there are none.
   * @param before `before` of the part that was read last; null: from the newest on
   */
  pastRounds(id: RunId, filter: RoundFilter, before: number | null): Promise<RoundsPart>;
  /** Lets the run's model write; returns at once, and the text shows in the view. One is written at a time. */
  askWriting(id: RunId, wish: WritingWish): Promise<void>;
  /** The evidence kept for a score term of a hotkey, newest first. */
  evidence(id: RunId, hotkey: string): Promise<readonly EvidenceItem[]>;
  /** How validators' words on a run's own hotkey changed, and what this computer knows beside; null: it is not at work. */
  whyLess(id: RunId): Promise<WhyLess | null>;
  /** What validators signed of a run's hotkey, with its receipts, signed by it. @throws {AppError} DISPUTE_NOTHING, NO_RUN */
  writeDispute(id: RunId): Promise<DisputeFile>;
  /**
   * Verifies every signature in such a file, and what it says against the run that it is about, which has to work here.
   * @throws {AppError} DISPUTE_MALFORMED, DISPUTE_FOREIGN, DISPUTE_ALTERED
   */
  checkDispute(text: string): Promise<DisputeChecked>;
  /** What weights a validator would set now, beside the last; signs nothing. null: it sets none, or is not at work. */
  weightsPlan(id: RunId): Promise<WeightsPlan | null>;
  /**
   * Looks what models stores have; returns at once, and what there is shows in `models`.
   * @param how `once`: not at those that answered a moment ago
   */
  lookForModels(how: 'once' | 'again'): Promise<void>;
  /** Adds a store by its address, its page on the Hub or the path of a folder, and looks at it. */
  addModelSource(typed: string): Promise<void>;
  /** Adds the store that the owner of a subnet announces on its chain, and looks at it. */
  addModelSubnet(network: string, netuid: number): Promise<void>;
  removeModelSource(id: string): Promise<void>;
  /** Begins to fetch a state of a store; refused where the disk has no room for it. */
  downloadModel(source: string, tag: string): Promise<void>;
  /** Goes on with one that broke off or was stopped. */
  resumeModel(id: string): Promise<void>;
  /** Ends what is under way with a download: its coming, its check, its export. What came stays. */
  cancelModel(id: string): Promise<void>;
  checkModel(id: string): Promise<void>;
  /** Copies what other programs load into a folder that is not there yet, or empty. */
  exportModel(id: string, into: string): Promise<void>;
  /**
   * Asks the person, as `FileChooser` does, in which folder a model's own is to lie. @returns the path of that one
   * @throws {AppError} NOT_NOW, MODEL_UNKNOWN
   */
  chooseExportFolder(id: string, asking: string): Promise<FileChoice>;
  deleteModel(id: string): Promise<void>;
  /** Lets a downloaded model go on with a text; it shows in `modelWriting` as it comes. */
  writeWithModel(id: string, prompt: ModelPrompt): Promise<void>;
  stopModelText(): Promise<void>;
  /** Asks Weights & Biases whether it takes the key that is kept here. @returns the team that it belongs to */
  testRunLogKey(): Promise<{ readonly entity: string }>;
  /**
   * Tries the place that settings choose for states, with its key: writes a megabyte, reads it, takes it away.
   * @throws {AppError} STORE_NOT_CHOSEN, of the token, or of the store
   */
  testStore(): Promise<StoreTested>;
  dismissNotice(id: string): Promise<void>;
  dismissAway(): Promise<void>;
  /**
   * What was written behind the cursor, a bounded part at a time, without secrets and addresses.
   * @param after null: the last lines, to begin with
   */
  logLines(after: LogCursor | null): Promise<LogPart>;
}

/** What the host tells the page. */
export interface UiApi {
  patch(sections: ViewPatch): void;
}
