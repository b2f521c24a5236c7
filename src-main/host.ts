import { pause } from '../src-node/waits.ts';
import type { FileChooser, UiApi } from '../src-shared/contract/page/api.ts';
import { programCalled } from '../src-shared/program-name.ts';
import { openAccountDesk } from './account-desk.ts';
import { openBecomeValidator } from './become-validator.ts';
import { freeOnCard } from './card/free-memory.ts';
import { openCardLog } from './card-log.ts';
import { openChosenAccount } from './chosen-account.ts';
import { hostApi } from './host-api.ts';
import { openCards } from './host-cards.ts';
import type { Host, HostConfig } from './host-door.ts';
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
import { openSeenAnnouncements } from './join/seen-announcements.ts';
import { openJoinDesk } from './join-desk.ts';
import { openLoginStart } from './login-start.ts';
import { watchClock } from './network/clock-watch.ts';
import { openNetworks } from './network/networks.ts';
import { endWithPractice } from './practice/beside.ts';
import { startOver } from './practice/start-over.ts';
import { startPublisher } from './publishing/publisher.ts';
import { openRunLogs } from './publishing/run-logs/run-logs.ts';
import { sharePublish } from './publishing/shared-publish.ts';
import { openDesk } from './rules/desk.ts';
import { eventsRoot, openRunLogDesk, wandbKey } from './run-log-desk.ts';
import { followShare } from './runs/follow-share.ts';
import { keptRunsFile } from './runs/kept-runs.ts';
import { openRuns } from './runs/runs.ts';
import { watchEndpoints } from './settings/endpoints-since.ts';
import { openSettings } from './settings/settings-file.ts';
import { openStore } from './store/store.ts';
import { openSubnetDesk } from './subnet-desk.ts';
import { openSuccessorDesk } from './successor-desk.ts';
import { openValidationDesk } from './validation-desk.ts';
import { openTokens } from './vault/tokens.ts';
import { APP_VERSION } from './version.ts';
import { watchAway } from './view/away.ts';
import { showRuns } from './view/show-runs.ts';
import { tellPeople } from './view/told.ts';
import { eventOf } from './view/told-events.ts';
import { ViewKeeper } from './view/view-keeper.ts';

export { type Host, type HostConfig, pageDoor, signingDoor } from './host-door.ts';
export type { Installer } from './updates/installer.ts';
export type { Keychain } from './vault/tokens/wrapped.ts';

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
    started.push('beside the practice', endWithPractice(runs, log));
    const cardLog = openCardLog({ runs, store, nowMs: Date.now });
    started.push('kept readings of cards', () => cardLog.stop());
    const machine = showMachine(sensors, runs, keeper, cardLog.note);
    started.push('machine', () => machine.stop());
    const house = openHouseDesk({ settings, desk, runs, keeper, cards: machine.cards, log });
    started.push('house rules', () => house.stop());
    const { cards, engines, benchmark } = await openCards({
      ...{ dataDir, runs, sensors, settings, keeper, extraEnv, told, log, started, signal },
    });
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
    const seen = openSeenAnnouncements(dataDir, told.notice);
    const joining = openJoinDesk({ dataDir, networks, runs, keeper, seen, settings: chosen, signal });
    const successors = openSuccessorDesk({
      runs,
      networks,
      keeper,
      told,
      seen,
      log,
      pause,
      settings: chosen,
    });
    started.push('what follows runs', () => successors.stop());
    const subnets = await openSubnetDesk({
      ...{ dataDir, networks, store, runs, told, log, signal },
      settings: chosen,
    });
    started.push('subnets', () => subnets.stop());
    const validation = {
      ...openValidationDesk({ runs, store, nowMs: Date.now, signal }),
      ...openBecomeValidator({
        ...{ runs, folder: practiceFolder(dataDir), signal },
        blockMsOf: (id) => keeper.run(id)?.chain?.blockMs ?? null,
      }),
    };
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
    let chooseFile: FileChooser = async () => ({ kind: 'none' });
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
      validation,
      successors,
      reset: (typed) =>
        resetAtNextStart({
          ...{ dataDir, typed, open },
          isSigning: () => signing.waits !== null,
        }),
      chooseFile: (kind, asking) => chooseFile(kind, asking),
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
        chooseFile = choose;
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
