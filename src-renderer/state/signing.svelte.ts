import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { themeChoice } from '../theme/choice.svelte.ts';
import { connection } from './connection.svelte.ts';
import { askInWindow, type OpenedWindow } from './signing-door.ts';

/** One window for all of it: a second order finds the first one's window. */
const NAME = 'butterfly-signing';
const LOOKS = 'popup,width=560,height=820';

/** What was asked to be signed, and how that went. */
class Signing {
  isBusy = $state(false);
  /** Where the window would be that the browser did not open. */
  blockedUrl = $state<string | null>(null);
  refusal = $state.raw<CodedError | null>(null);
  /** The order that left unsigned and of which that was read, by its id. */
  readEnd = $state<string | null>(null);

  /**
   * To be called while a click is handled.
   * @param prepare what the host is asked for before
   * @returns whether it waits there now
   */
  async ask(shell: 'web' | 'electron', prepare: (api: HostApi) => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.forget();
    const open = (): OpenedWindow | null => window.open('', NAME, LOOKS);
    const asked = await askInWindow((call) => connection.ask(call), open, shell, prepare, themeChoice());
    this.isBusy = false;
    if (asked.kind === 'blocked') this.blockedUrl = asked.url;
    if (asked.kind === 'refused') this.refusal = asked.error;
    return asked.kind !== 'refused';
  }

  /** Shows the window again in which something waits. */
  show = (shell: 'web' | 'electron') => this.ask(shell, async () => {});

  async withdraw(id: string): Promise<void> {
    const answer = await connection.ask((api) => api.withdrawMoney(id));
    this.refusal = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    this.blockedUrl = null;
  }

  forget(): void {
    this.blockedUrl = null;
    this.refusal = null;
  }
}

export const signing = new Signing();
