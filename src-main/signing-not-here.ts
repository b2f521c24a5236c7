import type { ReviewTask, SigningView, WalletTask } from '../src-shared/contract/signing.ts';
import { AppError, type CodedError } from '../src-shared/errors/app-error.ts';

/** @throws {AppError} the problem, where there is one */
export function refuse(problem: CodedError | null): void {
  if (problem) throw new AppError(problem.code, problem.params);
}

/** In a browser extensions read along, so what opens real money is typed elsewhere. */
export function reviewNotHere(review: ReviewTask, shell: SigningView['shell']): CodedError | null {
  if (shell !== 'web') return null;
  const { network, call, walletName, opens, isUsersWallet } = review;
  if (network.isReal) {
    const verb = commandFor(call.name);
    return notHere(network.name, verb && `${verb} --network ${network.name}`);
  }
  return isUsersWallet && opens === 'password'
    ? { code: 'PASSWORD_NOT_HERE', params: { wallet: walletName ?? '?' } }
    : null;
}

/** The command that does the same at a terminal; null where there is none. */
function commandFor(call: string): string | null {
  const verbs = {
    'SubtensorModule.add_stake': 'stake',
    'SubtensorModule.remove_stake': 'unstake',
    'SubtensorModule.burned_register': 'register',
    'SubtensorModule.register_limit': 'register',
    'Balances.transfer': 'transfer',
  };
  return Object.entries(verbs).find(([start]) => call.startsWith(start))?.[1] ?? null;
}

/** The same for a wallet that is made, restored, brought or backed up. */
export function walletNotHere(task: WalletTask, shell: SigningView['shell']): CodedError | null {
  if (shell !== 'web') return null;
  const { network, kind, name, isUsersWallet } = task;
  const verbs = {
    make: `--create ${name}`,
    restore: `--restore ${name}`,
    import: `--import FILE-OR-FOLDER --name ${name}`,
    backup: `--backup ${name}`,
  };
  if (network.isReal) return notHere(network.name, `wallet ${verbs[kind]}`);
  return isUsersWallet ? { code: 'PASSWORD_NOT_HERE', params: { wallet: name } } : null;
}

const notHere = (network: string, command: string | null): CodedError =>
  command === null
    ? { code: 'SIGNING_APP_ONLY', params: { network } }
    : { code: 'SIGNING_NOT_HERE', params: { network, command } };
