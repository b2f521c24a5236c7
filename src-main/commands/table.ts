import { benchmark } from './benchmark.ts';
import { completion } from './completion.ts';
import { devnet } from './devnet.ts';
import { dispute } from './dispute.ts';
import { earnings } from './earnings.ts';
import { engine } from './engine.ts';
import { follow } from './follow.ts';
import { history } from './history.ts';
import { join } from './join.ts';
import { logs } from './logs.ts';
import { model } from './model.ts';
import { models } from './models.ts';
import { register, stake, transfer, unstake } from './money.ts';
import { move } from './move.ts';
import { open } from './open.ts';
import type { SaidOf } from './option.ts';
import { pause } from './pause.ts';
import { peers } from './peers.ts';
import { portfolio } from './portfolio.ts';
import { practice } from './practice.ts';
import { reset } from './reset.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { supportBundle } from './support-bundle.ts';
import { token } from './token.ts';
import { wallet } from './wallet.ts';
import { weights } from './weights.ts';

/** Every command, in the order in which the help text lists them. */
export const commands = {
  ...{ serve, practice, join, open, status, peers, weights, dispute, pause, resume, follow, stop, logs },
  ...{
    wallet,
    portfolio,
    earnings,
    stake,
    unstake,
    transfer,
    register,
    token,
    model,
    models,
    history,
    engine,
    benchmark,
    devnet,
  },
  ...{ run, move, reset },
  ...{ completion, 'support-bundle': supportBundle },
} as const;

type Commands = typeof commands;
export type CommandName = keyof Commands;

/** What was asked for, read and checked. */
export type Asked = {
  readonly [N in CommandName]: { readonly name: N; readonly said: SaidOf<Commands[N]> };
}[CommandName];

/** Commands that ask a host which runs already. */
export type ControlCommand = Extract<
  Asked,
  { name: 'status' | 'peers' | 'weights' | 'dispute' | 'pause' | 'resume' | 'follow' | 'stop' }
>;

/** Commands that move money, with a person at a terminal. */
export type MoneyCommand = Extract<Asked, { name: 'stake' | 'unstake' | 'transfer' | 'register' }>;

export const isMoney = (asked: Asked): asked is MoneyCommand =>
  ['stake', 'unstake', 'transfer', 'register'].includes(asked.name);

export const isControl = (asked: Asked): asked is ControlCommand =>
  ['status', 'peers', 'weights', 'dispute', 'pause', 'resume', 'follow', 'stop'].includes(asked.name);

export const DEFAULT_COMMAND = 'serve' satisfies CommandName;
export const isCommandName = (word: string): word is CommandName => Object.hasOwn(commands, word);
