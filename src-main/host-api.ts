import type { FileChoice, FileChooser, HostApi } from '../src-shared/contract/page/api.ts';
import type { JoinRequest } from '../src-shared/contract/page/join.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import type { SettingId } from '../src-shared/settings.ts';
import type { ThemeChoice } from '../src-shared/theme.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { AccountDesk } from './account-desk.ts';
import type { BecomeValidator } from './become-validator.ts';
import type { BenchmarkDesk } from './benchmark-desk.ts';
import type { CardFinder } from './card/card-finder.ts';
import { earningsHistory, ledgerPart } from './earnings-history.ts';
import type { Engines } from './engines/engines.ts';
import type { HostModels } from './host-models.ts';
import type { HouseDesk } from './house-desk.ts';
import { profileOf, summaryOf } from './join/read-profile.ts';
import type { JoinDesk } from './join-desk.ts';
import { judgementCalls } from './judgement-calls.ts';
import type { LogFile } from './log-file.ts';
import type { LoginStart } from './login-start.ts';
import { redactLines } from './logs/redact.ts';
import { ownRedactor } from './logs/surroundings.ts';
import { exportFolder } from './models/export-folder.ts';
import { askEndpoint } from './network/ask-endpoint.ts';
import type { Networks } from './network/networks.ts';
import { noRounds, pastRounds } from './past-rounds.ts';
import type { Publisher } from './publishing/publisher.ts';
import type { RunLogs } from './publishing/run-logs/run-logs.ts';
import { runTable } from './run-table.ts';
import { NOTHING_PAID } from './runs/joined.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import type { SigningDesk } from './signing-desk.ts';
import type { Store } from './store/store.ts';
import type { SubnetDesk } from './subnet-desk.ts';
import type { SuccessorDesk } from './successor-desk.ts';
import type { UpdateDesk } from './update-desk.ts';
import type { ValidationDesk } from './validation-desk.ts';
import { lookAtValidators } from './validators-desk.ts';
import type { Tokens } from './vault/tokens.ts';
import type { Away } from './view/away.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';
import type { Contacts } from './wallet/contacts.ts';
import type { MoneyDesk } from './wallet/desk.ts';
import type { Shelf } from './wallet/shelf.ts';

const EVIDENCE_SHOWN = 100;
/** What a person looks over was asked there, and is signed from there: neither moves below an order. */
const ASKS_AND_SIGNS: ReadonlySet<SettingId> = new Set([
  'network.finney.endpoint',
  'network.test.endpoint',
  'wallet.folder',
]);

export interface HostServices {
  readonly keeper: ViewKeeper;
  readonly networks: Networks;
  readonly settings: Settings;
  readonly store: Store;
  readonly runs: Runs;
  readonly joining: JoinDesk;
  readonly accounts: AccountDesk;
  readonly away: Away;
  readonly cards: CardFinder;
  readonly benchmark: BenchmarkDesk;
  readonly engines: Engines;
  readonly house: HouseDesk;
  readonly publisher: Pick<Publisher, 'test'>;
  readonly runLogs: RunLogs;
  readonly models: HostModels;
  readonly updates: UpdateDesk;
  readonly tokens: Tokens;
  readonly shelf: Shelf;
  readonly contacts: Contacts;
  readonly money: MoneyDesk;
  readonly told: Told;
  readonly logFile: LogFile;
  readonly subnets: SubnetDesk;
  readonly validation: ValidationDesk & BecomeValidator;
  readonly successors: Pick<SuccessorDesk, 'follow'>;
  readonly signing: SigningDesk;
  readonly login: LoginStart;
  /** @throws {AppError} SIGNING_NO_WINDOW */
  openSigning(theme: ThemeChoice): Promise<string | null>;
  /** @throws {AppError} RESET_NOT_TYPED, RESET_WHILE_SIGNING, MOVE_ORDERS_OPEN, or of the disk */
  reset(typed: string): Promise<void>;
  readonly chooseFile: FileChooser;
  /** @throws {AppError} TAKE_BACK_NOT_TYPED, MOVED_AWAY_UNREADABLE, or of the disk */
  takeBackMoved(typed: string): Promise<void>;
  startOver(id: Ss58): Promise<{ readonly keptAt: string }>;
  askToEnd(): void;
  readonly signal: AbortSignal;
}

/** What a page may ask, answered by the services. */
export function hostApi(services: HostServices): HostApi {
  const { keeper, settings, store, runs, joining, away, cards, engines, told, logFile, signal } = services;
  const { shelf, contacts, accounts, money, signing, updates, tokens } = services;
  const redact = ownRedactor(keeper.view.app.dataDir, false);
  let asking = new AbortController();
  let quoting = new AbortController();
  let looking = new AbortController();
  /** Orders that are about to wait for a person, and the last of the settings below them that is being written. */
  let ordersComing = 0;
  let settingMoves: Promise<void> = Promise.resolve();
  /** Progress and failure show in the view; the page need not wait for minutes. */
  const begin = (work: Promise<unknown>) => void work.catch((error: unknown) => told.problem(error));
  const idOf = (id: string) => runs.get(id).id;
  /** null for one that does not run, or is only starting. */
  const storeIdOf = (id: string) => runs.live.get(id as Ss58)?.body?.run.storeId ?? null;

  return {
    view: async () => keeper.view,
    startPractice: async () => begin(runs.start({ kind: 'practice' }, NOTHING_PAID)),
    pauseRun: async (id, minutes) =>
      runs.get(id).pause(minutes === null ? null : Date.now() + minutes * 60_000),
    resumeRun: async (id) => runs.get(id).resume(),
    setHouseAside: async (minutes) => services.house.setAside(minutes),
    stopRun: async (id, when) => {
      const ending = runs.end(idOf(id), when);
      if (when === 'now') begin(ending);
      else await ending;
    },
    keepRunning: async (id) => runs.keepRunning(idOf(id)),
    startRun: async (id) => void (await runs.startAgain(id as Ss58)),
    followRun: async (id, hash) => void (await services.successors.follow(id as Ss58, hash)),
    testReachability: async (id) =>
      void (await runs.live.get(id as Ss58)?.body?.run.swarm.call('testReachability', undefined, signal)),
    forgetRun: (id) => runs.forget(id as Ss58),
    startOver: (id) => services.startOver(id as Ss58),
    quit: async () => services.askToEnd(),
    async testEndpoint(endpoint, netuid) {
      asking.abort(new AppError('CANCELLED'));
      asking = new AbortController();
      return askEndpoint(endpoint, netuid, AbortSignal.any([signal, asking.signal]));
    },
    readProfile: async (source) => summaryOf(profileOf(source)),
    findRun: (at, netuid) => joining.find(at, netuid, null),
    quoteJoin: (request: JoinRequest) => joining.quote(request),
    makeKeys: (at) => joining.makeKeys(at),
    join: (request) =>
      joining.join({ ...request, isAgreed: true, mayPay: true, bootstrap: null, listen: null }),
    watchColdkey: (watched) => shelf.watchColdkey(watched),
    refreshWallets: () => shelf.refresh(),
    async setContact(address, name) {
      await contacts.set(address, name);
      keeper.update({ contacts: contacts.all });
    },
    validators({ network, coldkey }, netuid) {
      looking.abort(new AppError('CANCELLED'));
      looking = new AbortController();
      const { account } = keeper.view;
      const isShown = account?.id.network === network && account.id.coldkey === coldkey;
      const stakes = (isShown && account.holds?.stakes) || [];
      const also = stakes.filter((stake) => stake.netuid === netuid).map(({ hotkey }) => hotkey);
      return lookAtValidators(services, { network, netuid, also }, AbortSignal.any([signal, looking.signal]));
    },
    quoteMoney(order) {
      quoting.abort(new AppError('CANCELLED'));
      quoting = new AbortController();
      return money.quote(order, AbortSignal.any([signal, quoting.signal]));
    },
    async askMoney(quoteId) {
      ordersComing++;
      try {
        await settingMoves.catch(() => undefined);
        return await money.ask(quoteId);
      } finally {
        ordersComing--;
      }
    },
    withdrawMoney: async (id) => money.withdraw(id),
    subnetEconomics: (of) => services.subnets.look(of),
    setSubnetMark: (of, mark) => services.subnets.mark(of, mark),
    listSubnets: (network) => services.subnets.list(network),
    validation: (id) => services.validation.look(id as Ss58),
    validatorNeeds: (id) => services.validation.needs(id as Ss58),
    becomeValidator: (id) => services.validation.become(id as Ss58),
    watchAccount: (id) => accounts.watch(id),
    earningsHistory: (id) => earningsHistory({ runs, store }, id as Ss58),
    ledgerPart: (id, cursor) => ledgerPart({ runs, store }, id as Ss58, cursor),
    worthSeries: (days) => accounts.worthSeries(days),
    openSigning: (theme) => services.openSigning(theme),
    startWalletTask: (order) => signing.startWallet(order),
    chooseMoveFile: (kind, asking) => services.chooseFile(kind, asking),
    startMove: (order) => signing.startMove(order),
    takeBackMoved: (typed) => services.takeBackMoved(typed),
    startBenchmark: async (device) => begin(services.benchmark.start(device)),
    cancelBenchmark: async () => services.benchmark.cancel(),
    lookForCards: async (how) => void cards.find(how).catch(() => undefined),
    addEngine: async (id) => void engines.add(id).catch(() => undefined),
    cancelEngine: (id) => engines.cancel(id),
    removeEngine: async (id) => void engines.remove(id).catch(() => undefined),
    refreshEngines: () => engines.refresh(),
    checkUpdates: () => updates.check(),
    putOffUpdate: (delay) => updates.putOff(delay),
    skipUpdate: () => updates.skip(),
    offerUpdateAgain: () => updates.offerAgain(),
    downloadUpdate: async () => begin(updates.download()),
    installUpdate: async () => begin(updates.install()),
    cancelUpdate: async () => updates.cancel(),
    async reset(typed) {
      await services.reset(typed);
      services.askToEnd();
    },
    listTokens: () => tokens.list(),
    setToken: async (name, secret) => {
      await tokens.set(name, secret);
      services.runLogs.keyChanged();
    },
    testToken: (name) => tokens.test(name),
    forgetToken: (name) => tokens.forget(name),
    async setSetting(id, value) {
      if (!ASKS_AND_SIGNS.has(id)) return settings.set(id, value);
      if (money.pending || ordersComing > 0) throw new AppError('SETTING_WHILE_SIGNING');
      settingMoves = settings.set(id, value);
      await settingMoves;
    },
    startsAtLogin: () => services.login.startsAtLogin(),
    setStartsAtLogin: (isOn) => services.login.setStartsAtLogin(isOn),
    async series(id, name, points) {
      const storeId = storeIdOf(id);
      return storeId === null ? [] : store.series(storeId, name, points);
    },
    async runTable(id, kind, afterSeq) {
      const run = runs.live.get(id as Ss58)?.body?.run;
      return run ? runTable(store.runLog, run, kind, afterSeq) : { csv: '', next: null };
    },
    askWriting: async (id, wish) => runs.live.get(id as Ss58)?.body?.run.writing.ask(wish),
    async evidence(id, hotkey) {
      const storeId = storeIdOf(id);
      return storeId === null ? [] : store.evidence(storeId, hotkey, EVIDENCE_SHOWN);
    },
    ...judgementCalls(services),
    async pastRounds(id, filter, before) {
      const storeId = storeIdOf(id);
      return storeId === null ? noRounds : pastRounds(store, { runId: storeId, filter, before });
    },
    ...modelCalls(services.models, begin),
    chooseExportFolder: (id, asking) => chosenExport(services, id, asking),
    testRunLogKey: () => services.runLogs.testKey(),
    testStore: () => services.publisher.test(signal),
    dismissNotice: async (id) => told.dismiss(id),
    dismissAway: async () => away.dismiss(),
    async logLines(after) {
      const part = await logFile.after(after);
      return { ...part, lines: redactLines(redact, part.lines) };
    },
  };
}

const modelCalls = (models: HostModels, begin: (work: Promise<unknown>) => void) =>
  ({
    lookForModels: async (how) => begin(models.look(how)),
    async addModelSource(typed) {
      await models.add(typed);
      begin(models.look('once'));
    },
    async addModelSubnet(network, netuid) {
      await models.addSubnet(network, netuid);
      begin(models.look('once'));
    },
    removeModelSource: (id) => models.remove(id),
    downloadModel: async (source, tag) => void (await models.download(source, tag)),
    resumeModel: (id) => models.resume(id),
    cancelModel: async (id) => models.cancel(id),
    checkModel: async (id) => models.check(id),
    exportModel: async (id, into) => models.exportTo(id, into),
    deleteModel: (id) => models.delete(id),
    writeWithModel: async (id, prompt) => models.write(id, prompt),
    stopModelText: async () => models.stopText(),
  }) satisfies Partial<HostApi>;

/** A folder of the model's own within the one that a person chose. */
async function chosenExport(
  { models, chooseFile }: Pick<HostServices, 'models' | 'chooseFile'>,
  id: string,
  asking: string,
): Promise<FileChoice> {
  const model = models.downloads.find((one) => one.id === id);
  if (!model) throw new AppError('MODEL_UNKNOWN');
  const choice = await chooseFile('folder', asking);
  return choice.kind === 'chosen' ? { kind: 'chosen', path: exportFolder(model.state, choice.path) } : choice;
}
