import { defaultSettings } from '../../settings.ts';
import type { WorkerState } from '../../states.ts';
import type { AppFacts, Notice, PowerView, WhileAway, WrongClock } from './app.ts';
import type { BenchmarkView, CardsView, MachineNow } from './card.ts';
import type { AddedEngineView } from './engines.ts';
import { freeHouse, type HouseView } from './house.ts';
import type { JoinAsked, JoinProgress, ProfileOpened } from './join.ts';
import type { ModelDownload, ModelsView, ModelWriting } from './models.ts';
import type {
  AccountView,
  Contact,
  MoneyNetwork,
  SigningEnded,
  SigningWaits,
  WalletSummary,
} from './money.ts';
import type { PublishingView } from './publishing.ts';
import type { RunLogState } from './run-logs.ts';
import type {
  Activity,
  ChainView,
  HeldOutPoint,
  RoundSummary,
  RoundView,
  RunFacts,
  ScoresView,
  SetupStep,
  StateLoading,
  StoppedRun,
  SwarmView,
  TextView,
  TrainingView,
} from './runs.ts';
import type { SettingsView } from './settings.ts';
import type { SuccessorView } from './successor.ts';
import type { MovedAwayView, UpdatesView } from './updates.ts';
import type { EarningsView, WalletView } from './wallet.ts';
import type { WitnessView } from './witness.ts';
import type { WritingView } from './writing.ts';

/**
 * What the page sees, as one table of sections: a new one is one entry here. The host keeps one View, sends it whole
 * on connect and then only what changed, in batches. `null` means "not known yet" and is never drawn as
 * zero.
 */
const starts = <T>(value: T): T => value;
const unknown = <T>(): T | null => null;

/** Sections of the host itself, by their value before anything is known. */
const hostSections = {
  app: starts<AppFacts>({ version: '', shell: 'web', dataDir: '', program: 'npm start --' }),
  notices: starts<readonly Notice[]>([]),
  settings: starts<SettingsView>(defaultSettings),
  house: starts<HouseView>(freeHouse),
  /** null while the clock of this computer is right, or not yet compared. */
  clock: unknown<WrongClock>(),
  /** null: nothing here can be measured, or was yet. */
  power: unknown<PowerView>(),
  /** null: nothing works, or nothing here can be measured. */
  machine: unknown<MachineNow>(),
  /** null: nobody looked for them yet. */
  cards: unknown<CardsView>(),
  benchmark: starts<BenchmarkView>({ running: null, results: [], problem: null }),
  /** Engines that a user adds. */
  engines: starts<readonly AddedEngineView[]>([]),
  updates: starts<UpdatesView>({
    ...{ hasKey: false, way: 'source', checkedAtMs: null, problem: null, state: { kind: 'none' } },
  }),
  /** null: everything of this folder works here. */
  movedAway: unknown<MovedAwayView>(),
  away: unknown<WhileAway>(),
  join: unknown<JoinProgress>(),
  /** null: nothing waits to be looked over. */
  asked: unknown<JoinAsked>(),
  /** null: no file of a run was opened. */
  opened: unknown<ProfileOpened>(),
  /** Runs of before that can be started again, the newest first. */
  stopped: starts<readonly StoppedRun[]>([]),
  /** Wallets of this computer, by name. */
  wallets: starts<readonly WalletSummary[]>([]),
  /** Networks that an account can be looked at on. */
  moneyNetworks: starts<readonly MoneyNetwork[]>([]),
  /** The account that is looked at; null: there is none. */
  account: unknown<AccountView>(),
  contacts: starts<readonly Contact[]>([]),
  /** What waits in the signing window; null: nothing. */
  signing: unknown<SigningWaits>(),
  /** null: nothing left it unsigned since, or it was taken back here. */
  signingEnded: unknown<SigningEnded>(),
  /** null: not read yet. */
  publishing: unknown<PublishingView>(),
  /** Stores of published models; null: not read yet. */
  models: unknown<ModelsView>(),
  /** Published models on this computer, and those on their way. */
  modelDownloads: starts<readonly ModelDownload[]>([]),
  /** What one of these writes; null: none was asked since this start. */
  modelWriting: unknown<ModelWriting>(),
};

/** Sections of one run besides its facts. */
const runSections = {
  /** What start waits for, in order. Empty for a run that has been through it. */
  setup: starts<readonly SetupStep[]>([]),
  worker: starts<WorkerState>({ kind: 'idle' }),
  activity: unknown<Activity>(),
  /** null: no state is on its way here. */
  loading: unknown<StateLoading>(),
  /** The round after which it stops, as was asked; null while it is to go on. */
  stopsAfterRound: unknown<number>(),
  chain: unknown<ChainView>(),
  round: unknown<RoundView>(),
  /** Rounds gone by, the oldest first; only the newest that had traffic keeps its edges. */
  history: starts<readonly RoundSummary[]>([]),
  training: unknown<TrainingView>(),
  /** null for a run whose text lies here whole. */
  text: unknown<TextView>(),
  heldOut: starts<readonly HeldOutPoint[]>([]),
  writing: unknown<WritingView>(),
  scores: unknown<ScoresView>(),
  wallet: unknown<WalletView>(),
  earnings: unknown<EarningsView>(),
  swarm: unknown<SwarmView>(),
  /** Where the run is told to other programs, and how far that is. */
  logs: starts<readonly RunLogState[]>([]),
  /** null for a miner. */
  witness: unknown<WitnessView>(),
  /** null: nothing is known that takes over from it. */
  successor: unknown<SuccessorView>(),
};

type Values<Table> = { readonly [Name in keyof Table]: Table[Name] };

export type HostSections = Values<typeof hostSections>;
export type RunSections = Values<typeof runSections>;

/** A run is named by its hotkey, an SS58 address. */
export type RunId = string;
export type RunView = RunSections & { readonly facts: RunFacts };
export type View = HostSections & { readonly runs: Readonly<Record<RunId, RunView>> };

export type RunPatch = Partial<RunView>;
/** What changed: sections of the host, and of each run; a run that is over is null. */
export type ViewPatch = Partial<HostSections> & {
  readonly runs?: Readonly<Record<RunId, RunPatch | null>>;
};

export const emptyView = (app: AppFacts): View => ({ ...hostSections, app, runs: {} });
export const emptyRun = (facts: RunFacts): RunView => ({ ...runSections, facts });

/** Whether a patch is a whole view: the first of a connection is, and only such a one can be begun with. */
export const isWhole = (patch: ViewPatch): patch is View =>
  patch.runs !== undefined && Object.keys(hostSections).every((section) => Object.hasOwn(patch, section));

/**
 * The view after a patch. Sections that did not change keep their identity, so nothing that reads them is redrawn.
 * A run begins with its facts: what is said of one that has none is passed over.
 */
export function applyPatch(view: View, { runs, ...sections }: ViewPatch): View {
  return { ...view, ...sections, runs: runs ? applyToRuns(view.runs, runs) : view.runs };
}

function applyToRuns(
  known: View['runs'],
  changes: NonNullable<ViewPatch['runs']>,
): Readonly<Record<RunId, RunView>> {
  const next = new Map(Object.entries(known));
  for (const [id, change] of Object.entries(changes)) {
    const before = next.get(id) ?? (change?.facts ? emptyRun(change.facts) : null);
    if (change === null) next.delete(id);
    else if (before) next.set(id, { ...before, ...change });
  }
  return Object.fromEntries(next);
}

/** What the second patch adds to the first, as one patch. */
export function joinPatches(first: ViewPatch, second: ViewPatch): ViewPatch {
  if (!first.runs || !second.runs) return { ...first, ...second };
  const runs: Record<RunId, RunPatch | null> = { ...first.runs };
  for (const [id, change] of Object.entries(second.runs)) {
    const before = runs[id];
    // A run that ended and began again in between: its facts make it anew on the other side.
    runs[id] = change === null ? null : before ? { ...before, ...change } : change;
  }
  return { ...first, ...second, runs };
}
