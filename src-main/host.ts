import type { HostApi, UiApi } from '../src-shared/contract/page/api.ts';
import { hostApiArguments } from '../src-shared/contract/page/arguments.ts';
import { signingApiArguments } from '../src-shared/contract/signing.ts';
import type { CodedError } from '../src-shared/errors/app-error.ts';
import { programCalled } from '../src-shared/program-name.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { openAccountDesk } from './account-desk.ts';
import { assertTensorFlowUnused, openAddedEngines } from './added-engines.ts';
import { openBenchmarkDesk } from './benchmark-desk.ts';
import { openCardFinder } from './card/card-finder.ts';
import { freeOnCard } from './card/free-memory.ts';
import { openChosenAccount } from './chosen-account.ts';
import { hostApi } from './host-api.ts';
import { openGround } from './host-ground.ts';
import { openSensors, showMachine } from './host-machine.ts';
import { openHostModels } from './host-models.ts';
import { openMoney } from './host-money.ts';
import { openMoving, openOrders, resetAtNextStart, showMovedAway, takeBackMoved } from './host-moving.ts';
import { goOnWith, livePractice, planner, practiceFolder } from './host-plans.ts';
import { openPublishing } from './host-publishing.ts';
import { openSigning as openHostSigning } from './host-signing.ts';
import { openUpdates } from './host-updates.ts';
import { openWallets } from './host-wallets.ts';
import { openHouseDesk } from './house-desk.ts';
import { type JoinDesk, type JoinOrder, openJoinDesk } from './join-desk.ts';
import { type LoginItem, openLoginStart } from './login-start.ts';
import { watchClock } from './network/clock-watch.ts';
import { openNetworks } from './network/networks.ts';
import type { Practice } from './practice/practice.ts';
import { startOver } from './practice/start-over.ts';
import { startPublisher } from './publishing/publisher.ts';
import { openRunLogs } from './publishing/run-logs/run-logs.ts';
import { sharePublish } from './publishing/shared-publish.ts';
import { type Desk, openDesk } from './rules/desk.ts';
import { eventsRoot, openRunLogDesk, wandbKey } from './run-log-desk.ts';
import { engineOf } from './runs/chosen.ts';
import { followShare } from './runs/follow-share.ts';
import { keptRunsFile } from './runs/kept-runs.ts';
import { openRuns, type Runs } from './runs/runs.ts';
import { watchEndpoints } from './settings/endpoints-since.ts';
import { openSettings } from './settings/settings-file.ts';
import type { SigningDesk } from './signing-desk.ts';
import { openStore } from './store/store.ts';
import { openSubnetDesk } from './subnet-desk.ts';
import type { ExtraEnv } from './supervisor/extra-env.ts';
import type { Installer } from './updates/installer.ts';
import type { FindKeychain } from './vault/tokens/wrapped.ts';
import { openTokens } from './vault/tokens.ts';
import { APP_VERSION } from './version.ts';
import { watchAway } from './view/away.ts';
import { showRuns } from './view/show-runs.ts';
import { tellPeople } from './view/told.ts';
import { eventOf } from './view/told-events.ts';
import { ViewKeeper } from './view/view-keeper.ts';
import type { MoneyDesk } from './wallet/desk.ts';

export type { Installer } from './updates/installer.ts';
export type { Keychain } from './vault/tokens/wrapped.ts';

export interface HostConfig {
  readonly dataDir: string;
  readonly shell: 'web' | 'electron';
  readonly adversary: 'free-rider' | null;
  readonly extraEnv: ExtraEnv;
  /** How this installation comes to another version; left out: by other sources. */
  readonly installer?: Installer;
  /** The system's keychain, which locks tokens of services; left out: they lie in files of this user alone. */
  readonly keychain?: FindKeychain;
  /** Whether the log goes to the terminal too. */
  readonly echoLog: boolean;
  /** The page asked for the end of everything. */
  askToEnd(): void;
  /** The same, with a start behind it; left out: its user starts it. */
  readonly askToRestart?: () => void;
}

/** The host without any shell: services, the one view, and what a page may ask of it. */
export interface Host {
  readonly api: HostApi;
  readonly dataDir: string;
  readonly runs: Runs;
  /** For the signing surface alone: a page asks through `api`. */
  readonly money: MoneyDesk;
  /** Where a shell tells what its system says of power, screen and who sits there. */
  readonly desk: Desk;
  /** Joins a page to the view. @returns what to call when it is gone. */
  connect(ui: UiApi): () => void;
  /** Tells the view as `connect` does, to somebody who is not looking: a tray. @returns what ends it. */
  observe(ui: UiApi): () => void;
  /** Told by a shell by which entry of its system it starts at login. */
  offersLoginStart(item: LoginItem): void;
  /** Resolves with the practice once every part of it runs. */
  practice(): Promise<Practice>;
  join(order: JoinOrder): Promise<Ss58>;
  /** A run that is announced, for who joins without a page. */
  readonly findRun: JoinDesk['find'];
  readonly quoteJoin: JoinDesk['quote'];
  /** A profile that was opened as a file, for the page to show. @throws {AppError} PROFILE_INVALID */
  readonly offer: JoinDesk['offer'];
  /** Goes on with what ran when the host last ended. */
  goOn(): Promise<void>;
  /** What the signing window is, for the shell that opens it. */
  readonly signing: SigningDesk;
  /** Told by a shell how it opens that window; without one, nothing can be signed in a window. */
  opensSigning(open: () => Promise<string | null>): void;
  /** Told by a shell in which window of the system a file of moving is chosen. */
  choosesFiles(choose: HostApi['chooseMoveFile']): void;
  noteProblem(problem: unknown): void;
  /** Something that a shell goes on without. */
  notice(error: CodedError): void;
  stop(): Promise<void>;
}

/** What a shell gives to the page of a host, and what to its signing window. */
export const pageDoor = ({ api, connect, noteProblem }: Host) => ({
  ...{ api, connect, calls: hostApiArguments, onProblem: noteProblem },
});
export const signingDoor = ({ signing: { api, connect }, noteProblem }: Host) => ({
  ...{ api, connect, calls: signingApiArguments, onProblem: noteProblem },
});

/** @throws {AppError} when the data folder or a database cannot be used. */
export async function startHost(config: HostConfig): Promise<Host> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { folder, logFile, log, started } = await openGround(config.dataDir, config.echoLog);
  try {
    return await compose();
  } catch (error) {
    await started.stop();
    throw error;
  }

  async function compose(): Promise<Host> {
    const dataDir = folder.path;
    const keeper = new ViewKeeper({
      ...{ version: APP_VERSION, shell: config.shell, dataDir },
      program: programCalled(),
    });
    started.push('view', () => keeper.stop());
    const told = tellPeople(keeper, log);
    const settings = await openSettings(dataDir);
    keeper.update({ settings: settings.values });
    settings.onChange(() => keeper.update({ settings: settings.values }));
    await showMovedAway(dataDir, keeper, told);
    const endpoints = await watchEndpoints(dataDir, settings, told.notice);
    started.push('endpoints', () => endpoints.stop());
    const store = await openStore({ dataDir, onProblem: told.problem, onRecovered: told.clearNotice });
    started.push('store', () => store.stop());
    told.on('noted', (notice) => store.add('event', eventOf(notice)));
    for (const notice of [...folder.notices, ...settings.notices, ...store.notices]) told.notice(notice);

    const tokens = openTokens({
      ...{ dataDir, told: told.notice, now: Date.now, signal },
      ...(config.keychain ? { keychain: config.keychain } : {}),
      credentialsDir: process.env.CREDENTIALS_DIRECTORY,
    });
    const sensors = openSensors();
    const desk = openDesk();
    const login = openLoginStart();
    const networks = openNetworks(log);
    started.push('networks', () => networks.stop());
    const showClock = (offByMs: number | null) =>
      keeper.update({ clock: offByMs === null ? null : { offByMs } });
    started.push('clock', watchClock(networks, showClock));
    const chosen = () => settings.values;
    const { adversary, extraEnv } = config;
    const publish = sharePublish({
      ...{ dataDir, extraEnv, notices: told, log },
      onGaveUp: (error) => told.note('fault', error, null),
    });
    started.push('publish', () => publish.stop());
    const publisher = startPublisher({
      ...{ dataDir, extraEnv, store, tokens, log, publish, settings: chosen, notices: told },
      shown: (publishing) => keeper.update({ publishing }),
    });
    started.push('publisher', () => publisher.stop());
    const plans = planner({
      ...{ dataDir, networks, store, adversary, extraEnv, log },
      settings: chosen,
      freeBytes: (engine) => freeOnCard(sensors, engine, signal),
      noticesOf: told.of,
      sourceOf: publisher.sourceOf,
      onStaked: (run, outcome) => told.note('info', outcome, run),
    });
    const runs = await openRuns({ file: keptRunsFile(dataDir, told.notice), ...plans, log, signal });
    started.push('runs', () => runs.stop());
    started.push('shown runs', showRuns(runs, keeper, told));
    const machine = showMachine(sensors, runs, keeper);
    started.push('machine', () => machine.stop());
    const house = openHouseDesk({ settings, desk, runs, keeper, cards: machine.cards, log });
    started.push('house rules', () => house.stop());
    const cards = openCardFinder({
      ...{ extraEnv, sensors, log, signal },
      allowsSoftware: Boolean(process.env.VK_DRIVER_FILES),
      told: (view) => keeper.update({ cards: view }),
    });
    started.push('cards', () => cards.stop());
    const engines = await openAddedEngines(dataDir, {
      log,
      told: (view) => keeper.update({ engines: view }),
      assertUnused: async () => assertTensorFlowUnused(keeper.view),
    });
    started.push('engines', () => engines.stop());
    const benchmark = await openBenchmarkDesk({
      ...{ dataDir, runs, sensors, extraEnv, log, signal },
      freeBytes: (engine, ending) => freeOnCard(sensors, engine, ending),
      engine: (device) => engineOf(device, settings.values, dataDir),
      told: (view) => keeper.update({ benchmark: view }),
      notice: told.notice,
    });
    started.push('benchmark', () => benchmark.stop());
    started.push('share', followShare(settings, runs, log));
    started.push('publishing', openPublishing({ publisher, settings, store, runs }));
    const away = await watchAway(dataDir, { store, keeper, told });
    started.push('away', () => away.leave());
    runs.on(
      'begun',
      (live) => void live.begun.then((body) => away.add(live.id, body)).catch(() => undefined),
    );
    const runLogs = openRunLogs({
      ...{ store: store.runLog, publish, settings, log, signal },
      eventsRoot: () => eventsRoot(dataDir, settings.values),
      keyOf: () => wandbKey(tokens),
    });
    started.push('run logs', () => runLogs.stop());
    const logDesk = openRunLogDesk({ logs: runLogs, runs, store, settings, keeper, told, log });
    started.push('telling runs', () => logDesk.stop());
    const models = await openHostModels({
      ...{ dataDir, publish, extraEnv, runs, networks, store, tokens, told, log, signal },
      settings: chosen,
      shown: (sections) => keeper.update(sections),
    });
    started.push('models', () => models.stop());
    const wallets = await openWallets({ dataDir, settings, runs, keeper, told, signal });
    started.push('wallets', () => wallets.stop());
    const money = await openMoney({ dataDir, networks, settings, endpoints, runs, store, log, ...wallets });
    started.push('money', () => money.stop());
    const joining = openJoinDesk({
      ...{ dataDir, networks, runs, keeper, settings: chosen, signal },
      told: told.notice,
    });
    const subnets = await openSubnetDesk({
      ...{ dataDir, networks, store, runs, told, log, signal },
      settings: chosen,
    });
    started.push('subnets', () => subnets.stop());
    const accounts = openAccountDesk({
      ...{ networks, runs, keeper, store, settings: chosen, shelf: wallets.shelf, log, signal },
      transactions: money.transactions,
      chosen: await openChosenAccount(dataDir, told.notice, log),
    });
    started.push('account', () => accounts.stop());
    money.onTransaction(({ account }) => accounts.changed(account));
    const { askToEnd, shell } = config;
    const ground = { dataDir, shell, networks, settings, runs, keeper, told, signal };
    const open = openOrders(store, dataDir);
    const isSigning = () => money.pending !== null;
    const moves = openMoving({
      ...ground,
      open,
      isSigning,
      askToEnd,
      askToRestart: config.askToRestart ?? null,
    });
    let chooseMoveFile: HostApi['chooseMoveFile'] = async () => ({ kind: 'none' });
    const { signing, openSigning, opensSigning } = openHostSigning({ ...ground, money, wallets, moves });
    const updates = await openUpdates({ ...ground, installer: config.installer, signing, log });
    started.push('updates', () => updates.stop());
    const api = hostApi({
      ...{
        keeper,
        networks,
        settings,
        store,
        runs,
        joining,
        accounts,
        away,
        cards,
        benchmark,
        engines,
        house,
        publisher,
        runLogs,
        models,
        updates,
        tokens,
        told,
        logFile,
        askToEnd,
        signal,
      },
      ...{ signing, openSigning, login },
      ...wallets,
      money,
      subnets,
      reset: (typed) =>
        resetAtNextStart({
          ...{ dataDir, typed, open },
          isSigning: () => signing.waits !== null,
        }),
      chooseMoveFile: (kind, asking) => chooseMoveFile(kind, asking),
      takeBackMoved: (typed) => takeBackMoved(dataDir, typed, { keeper, told }),
      startOver: (id) => startOver(runs, id, practiceFolder(dataDir)),
    });

    return {
      api,
      dataDir,
      runs,
      money,
      desk,
      connect: house.whileLooked(accounts.whileLooked(away.whileLooked((ui: UiApi) => keeper.connect(ui)))),
      observe: (ui) => keeper.connect(ui),
      offersLoginStart: login.offer,
      practice: () => livePractice(runs),
      join: (order) => joining.join(order),
      findRun: (at, netuid, store) => joining.find(at, netuid, store),
      quoteJoin: (request) => joining.quote(request),
      offer: (fileName, profile) => joining.offer(fileName, profile),
      goOn: () => goOnWith(runs, dataDir),
      signing,
      opensSigning,
      choosesFiles(choose) {
        chooseMoveFile = choose;
      },
      noteProblem: told.problem,
      notice: told.notice,
      stop() {
        stopping.abort();
        return started.stop();
      },
    };
  }
}
