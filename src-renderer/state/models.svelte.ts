import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** What was asked about models, and why the last of it was refused, told where it was asked. */
class ModelActions {
  /** Who asked: a form, or a download by its id. */
  refusedAt = $state<string | null>(null);
  refusal = $state.raw<CodedError | null>(null);
  isBusy = $state(false);

  /** @returns whether it went @param where names what is told of a refusal */
  async ask(where: string, call: (api: HostApi) => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    const answer = await connection.ask(call);
    this.isBusy = false;
    const error = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    this.refusal = error;
    this.refusedAt = error ? where : null;
    return !('error' in answer);
  }

  refusalAt = (where: string): CodedError | null => (this.refusedAt === where ? this.refusal : null);
}

export const modelActions = new ModelActions();
