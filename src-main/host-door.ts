import type { Adversary } from '../src-shared/contract/adversary.ts';
import type { FileChooser, HostApi, UiApi } from '../src-shared/contract/page/api.ts';
import { hostApiArguments } from '../src-shared/contract/page/arguments.ts';
import { signingApiArguments } from '../src-shared/contract/signing.ts';
import type { CodedError } from '../src-shared/errors/app-error.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { JoinDesk, JoinOrder } from './join-desk.ts';
import type { LoginItem } from './login-start.ts';
import type { Practice } from './practice/practice.ts';
import type { Desk } from './rules/desk.ts';
import type { Runs } from './runs/runs.ts';
import type { SigningDesk } from './signing-desk.ts';
import type { ExtraEnv } from './supervisor/extra-env.ts';
import type { Installer } from './updates/installer.ts';
import type { FindKeychain } from './vault/tokens/wrapped.ts';
import type { MoneyDesk } from './wallet/desk.ts';

/** What a shell gives to a host, and what it may ask of it. */
export interface HostConfig {
  readonly dataDir: string;
  readonly shell: 'web' | 'electron';
  readonly adversary: Adversary | null;
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
  /** Told by a shell in which window of the system files and folders are chosen. */
  choosesFiles(choose: FileChooser): void;
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
