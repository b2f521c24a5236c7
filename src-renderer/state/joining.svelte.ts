import type { HostApi } from '../../src-shared/contract/page/api.ts';
import { actions } from './actions.svelte.ts';
import { connection } from './connection.svelte.ts';
import { route } from './route.svelte.ts';

/** A join that was asked for, until its run is there: then the page goes to it. */
class Joining {
  isBusy = $state(false);

  async join(request: Parameters<HostApi['join']>[0]): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    actions.closeRefusal();
    const answer = await connection.ask((api) => api.join(request));
    this.isBusy = false;
    if ('error' in answer) actions.refusal = answer.error;
    else route.go('home', answer.value);
  }
}

export const joining = new Joining();
