import * as v from 'valibot';
import { BROUGHT_BYTES_MAX, BROUGHT_FILES_MAX, BROUGHT_PATH_CHARS } from '../brought.ts';
import type { CodedError } from '../errors/app-error.ts';
import { BACKUP_BYTES_MAX, PASSWORD_BYTES_MAX } from '../password.ts';
import type { ProgramName } from '../program-name.ts';
import type { ThemeChoice } from '../theme.ts';
import type { Ss58 } from '../units.ts';
import type { ColdkeyOpens, MoneyNetwork } from './page/money.ts';

/**
 * What is read from the very bytes that will be signed, and from nothing that the page said.
 */
export interface DecodedCall {
  /** "SubtensorModule.add_stake_limit" */
  readonly name: string;
  /** One sentence: what it does, with amounts to the last rao. */
  readonly sentence: string;
  /** The arguments by the chain's own names, in its order. */
  readonly lines: readonly { readonly name: string; readonly value: string }[];
}

/**
 * What an address is called here. Whose key lies here is one's own; a page can have any other name given to any address,
 * so those are never shown without where they come from.
 */
export interface KnownName {
  readonly name: string;
  readonly from: 'own' | 'watched' | 'contact';
}

/** The one order that waits for a person's yes or no. */
export interface ReviewTask {
  readonly id: string;
  readonly call: DecodedCall;
  readonly coldkey: Ss58;
  readonly walletName: string | null;
  readonly opens: ColdkeyOpens;
  /** Its password may open money on other networks, too: it is typed in no browser. */
  readonly isUsersWallet: boolean;
  readonly network: MoneyNetwork;
  /** Host of the endpoint that says all this of the chain. */
  readonly endpoint: string;
  /**
   * Of a real network, where that endpoint is none that Butterfly comes with: since when the settings name it; null where
   * they do not. null: it is one of those, or the network is no real one.
   */
  readonly endpointChosen: { readonly sinceMs: number | null } | null;
  /** The subnet that it is about, by the name that it has on the chain now; null where it is about none. */
  readonly subnet: {
    readonly netuid: number;
    readonly name: string | null;
    /** Whether a run of this computer knows the subnet by that name; else nothing but the chain says so. */
    readonly isExpected: boolean;
  } | null;
  /** "1.5 TAO": the most that it can cost, fees and all. */
  readonly most: string;
  readonly undone: 'by-selling' | 'by-moving-back' | 'by-writing-again' | 'never';
  /** Names for addresses in the call; one's own first. */
  readonly names: readonly ({ readonly address: Ss58 } & KnownName)[];
  /** What is unusual about it, as the quote says. */
  readonly warnings: readonly CodedError[];
  /** The text that has to be typed besides; null: none. */
  readonly typedConsent: string | null;
  readonly expiresAtMs: number;
  readonly state: 'waiting' | 'unlocking' | 'signing';
  /** Why the last try did not sign; the order still waits. */
  readonly problem: CodedError | null;
}

/** What a wallet is wanted for: from new words, from what is typed or brought of it, or its words once more. */
export type WalletTaskKind = 'make' | 'restore' | 'import' | 'backup';

/**
 * What the page asks for. Words, files and passwords are no part of it: those are given in the signing window.
 * Networks are named as the host's are: whether coins there are money decides where passwords may be typed.
 */
export type WalletOrder =
  | {
      readonly kind: Exclude<WalletTaskKind, 'backup'>;
      readonly network: string;
      readonly name: string;
      /** Of a new one; null: twelve. */
      readonly words: 12 | 24 | null;
    }
  | {
      readonly kind: 'backup';
      readonly network: string;
      /** Of a wallet that lies here: where, is for the host to know. */
      readonly coldkey: Ss58;
    };

/**
 * `secret` waits for the password, `working` while it becomes a key, `words` until the words are on paper, `quiz`
 * until three of them were named, and `done` shows what was made.
 */
export type WalletStep = 'secret' | 'working' | 'words' | 'quiz' | 'done';

export interface WalletTask {
  readonly id: string;
  readonly kind: WalletTaskKind;
  readonly network: { readonly name: string; readonly mark: string | null; readonly isReal: boolean };
  readonly name: string;
  readonly folder: string;
  /** One that is here and lies in the user's own folder: its password may open money on other networks, too. */
  readonly isUsersWallet: boolean;
  readonly words: 12 | 24;
  readonly step: WalletStep;
  /** What was brought to be imported; null before, and for every other kind. */
  readonly brought: BroughtWallet | null;
  /** null until it is there. */
  readonly made: WalletMade | null;
  /** Why the last try did not go; it may be tried again. */
  readonly problem: CodedError | null;
}

/** What somebody brought: another wallet's export, one key file, or the folder of a wallet. */
export interface BroughtWallet {
  readonly kind: 'keystore' | 'key-file' | 'folder';
  /** As the file or folder is called where it comes from. */
  readonly name: string;
  /** It has a password of its own, and is not open yet. */
  readonly isLocked: boolean;
  /** By its secret, once that is open; null before, and where hotkeys lie there alone. */
  readonly coldkey: Ss58 | null;
  readonly hotkeys: number;
}

/** One file as it is brought. Of a folder, its path below it, with slashes. */
export interface BroughtBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface WalletMade {
  /** null: hotkeys alone. */
  readonly coldkey: Ss58 | null;
  readonly hotkey: Ss58 | null;
  /** null: not proved yet. */
  readonly backedUpAtMs: number | null;
}

/** What lies in a file of moving: how many of it, and how large. */
export interface MovePart {
  readonly what: 'runs' | 'hotkeys' | 'coldkeys' | 'settings' | 'contacts' | 'ledger' | 'marks';
  readonly count: number;
  readonly bytes: number;
}

/** `secret` waits for the password, `confirm` for a yes to what lies in the file that comes, `done` shows how it is. */
export type MoveStep = 'secret' | 'working' | 'confirm' | 'done';

/** All of this computer that another one needs goes into a file ('out'), or comes from one ('in'). */
export interface MoveTask {
  readonly id: string;
  readonly kind: 'out' | 'in';
  /** The whole path of the file. */
  readonly file: string;
  readonly step: MoveStep;
  /** What it works at. */
  readonly stage: 'opening' | 'ending-runs' | 'sealing' | 'laying' | null;
  /** Of a file that comes, once it is open; else null. */
  readonly made: { readonly atMs: number; readonly by: string } | null;
  /** null: not open yet. */
  readonly parts: readonly MovePart[] | null;
  /** Hotkeys that go, and do not work where they come from any more. */
  readonly hotkeys: readonly Ss58[];
  /** Of a file that comes: what is here already with something else in it. */
  readonly conflicts: readonly string[];
  /** Of a file that came: hotkeys that this computer gave up by it or later, and does not work with. */
  readonly given: readonly Ss58[];
  /** Whether Butterfly starts again by itself once it has come; else its user starts it. */
  readonly restarts: boolean;
  readonly problem: CodedError | null;
}

/** What the page asks for; the password is given in the signing window. */
export type MoveOrder =
  | { readonly kind: 'out'; readonly file: string; readonly withColdkeys: boolean }
  | { readonly kind: 'in'; readonly file: string };

/** How the last task ended, for whoever still looks at the window. */
export interface EndedTask {
  readonly id: string;
  readonly how: 'signed' | 'denied' | 'expired' | 'withdrawn' | 'refused';
  /** What it would have done, or does. */
  readonly sentence: string;
  /** Why it was refused; else null. */
  readonly problem: CodedError | null;
}

export type SigningTask =
  | {
      readonly kind: 'review';
      readonly review: ReviewTask;
      /** Why nothing can be signed in this window; null where it can. */
      readonly notHere: CodedError | null;
      /** No password is taken before; null: at once. */
      readonly notBeforeMs: number | null;
    }
  | {
      readonly kind: 'wallet';
      readonly wallet: WalletTask;
      readonly notHere: CodedError | null;
      /** No password is taken before; null: at once. */
      readonly notBeforeMs: number | null;
    }
  | { readonly kind: 'move'; readonly move: MoveTask };

/** All that the signing window shows, but for the words of a wallet, which are answered once to whoever asks. */
export interface SigningView {
  readonly shell: 'web' | 'electron';
  /** How Butterfly is called at a terminal. */
  readonly program: ProgramName;
  /** As it was chosen on the page, which opened the window. */
  readonly theme: ThemeChoice;
  readonly task: SigningTask | null;
  readonly ended: EndedTask | null;
}

/** One place of the quiz: which word is asked for, and among which. */
export interface QuizPlace {
  /** From 1. */
  readonly place: number;
  readonly choices: readonly string[];
}

/** Bytes are UTF-8 exactly as typed; they are overwritten when the call is answered. */
export interface ApprovalSecret {
  /** null for a coldkey that lies open. */
  readonly password: Uint8Array | null;
  readonly typed: string | null;
}

export interface BroughtOrder {
  /** `file` is one file alone, `folder` what of a wallet's folder makes a wallet. */
  readonly kind: 'file' | 'folder';
  readonly name: string;
  readonly files: readonly BroughtBytes[];
}

export interface WalletSecret {
  readonly password: Uint8Array;
  /** Words or seed, where it is restored from them. */
  readonly backup: Uint8Array | null;
}

/**
 * What the signing window may ask of the host: a yes or no to the one order, and the steps of the one wallet. Every
 * call names the task that it means, so that an answer to one that is gone touches no other. Refusals are CodedErrors.
 */
export interface SigningApi {
  view(): Promise<SigningView>;
  /** Resolves once it is signed and handed over. */
  approve(id: string, secret: ApprovalSecret): Promise<void>;
  deny(id: string): Promise<void>;
  /** Ends the try that is under way; the task waits on. */
  stopTrying(id: string): Promise<void>;
  /** The account that words or a seed stand for. Nothing is kept. */
  readBackup(id: string, backup: Uint8Array): Promise<Ss58>;
  /** Looks at what was brought, in place of what was brought before. It is kept in memory until the task ends. */
  bring(id: string, brought: BroughtOrder): Promise<void>;
  /** Opens it with its own password. The task shows then whose it is; nothing is written. */
  openBrought(id: string, password: Uint8Array): Promise<void>;
  /**
   * Makes the wallet, keeps the one that was brought, or opens one for its words. Resolves once that is done. The folder
   * of a wallet keeps the passwords that it has, whatever is given here.
   */
  giveSecret(id: string, secret: WalletSecret): Promise<void>;
  /** The words of the wallet at hand, for this window alone. */
  showWords(id: string): Promise<readonly string[]>;
  /** They are on paper: asks for three of them, each time for others. */
  startQuiz(id: string): Promise<readonly QuizPlace[]>;
  /** @returns whether all were right; where not, the words are to be looked at again after the second time */
  answerQuiz(id: string, words: readonly string[]): Promise<'right' | 'wrong' | 'look-again'>;
  /** Ends the wallet's task where it stands: what was made stays, what was not begun is not made. */
  leaveWallet(id: string): Promise<void>;
  /** Makes the file, and gives the hotkeys up; or opens the one that comes. Resolves once that is done. */
  giveMovePassword(id: string, password: Uint8Array): Promise<void>;
  /**
   * Puts what came in place, and ends Butterfly for it.
   * @param conflicting which of two files counts: those that are here, or those that come; the others are renamed or left out
   */
  confirmMove(id: string, conflicting: 'keep' | 'aside'): Promise<void>;
  leaveMove(id: string): Promise<void>;
}

/** What the host tells the signing window. */
export interface SigningUi {
  patch(sections: Partial<SigningView>): void;
}

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const secretBytes = (most: number) =>
  v.pipe(
    v.instance(Uint8Array),
    v.check((bytes) => bytes.length <= most),
  );
const password = secretBytes(PASSWORD_BYTES_MAX);
const backup = secretBytes(BACKUP_BYTES_MAX);
const word = v.pipe(v.string(), v.maxLength(32));
const fileName = v.pipe(v.string(), v.minLength(1), v.maxLength(BROUGHT_PATH_CHARS));
const broughtOrder = v.strictObject({
  kind: v.picklist(['file', 'folder']),
  name: fileName,
  files: v.pipe(
    v.array(v.strictObject({ path: fileName, bytes: secretBytes(BROUGHT_BYTES_MAX) })),
    v.minLength(1),
    v.maxLength(BROUGHT_FILES_MAX),
    v.check((files) => files.reduce((sum, { bytes }) => sum + bytes.length, 0) <= BROUGHT_BYTES_MAX),
  ),
});

export const signingApiArguments = {
  view: v.tuple([]),
  approve: v.tuple([
    id,
    v.strictObject({
      password: v.nullable(password),
      typed: v.nullable(v.pipe(v.string(), v.maxLength(128))),
    }),
  ]),
  deny: v.tuple([id]),
  stopTrying: v.tuple([id]),
  readBackup: v.tuple([id, backup]),
  bring: v.tuple([id, broughtOrder]),
  openBrought: v.tuple([id, password]),
  giveSecret: v.tuple([id, v.strictObject({ password, backup: v.nullable(backup) })]),
  showWords: v.tuple([id]),
  startQuiz: v.tuple([id]),
  answerQuiz: v.tuple([id, v.pipe(v.array(word), v.maxLength(3))]),
  leaveWallet: v.tuple([id]),
  giveMovePassword: v.tuple([id, password]),
  confirmMove: v.tuple([id, v.picklist(['keep', 'aside'])]),
  leaveMove: v.tuple([id]),
} as const satisfies Record<keyof SigningApi, v.GenericSchema>;
