import { applyPatch, isWhole, type View, type ViewPatch } from '../../src-shared/contract/page/sections.ts';
import { callProgram } from '../../src-shared/program-name.ts';
import { clock } from './clock.svelte.ts';

/** What the host last told us. Raw: sections are replaced whole, so deep proxies would only cost. */
class ViewState {
  current = $state.raw<View | null>(null);
  /** When the last patch came; what is shown is that old while the host is away. */
  receivedAtMs = $state(0);

  /** The first patch of a connection is the whole view; a partial one before it has nothing to stand on. */
  apply(patch: ViewPatch): void {
    if (this.current) this.current = applyPatch(this.current, patch);
    else if (isWhole(patch)) this.replace(patch);
    this.receivedAtMs = Date.now();
    clock.tick();
  }

  /** A new connection starts with a whole view: nothing of the old one may linger in it. */
  replace(view: View): void {
    // Before anything is drawn: advice names the commands of this host.
    callProgram(view.app.program);
    this.current = view;
    this.receivedAtMs = Date.now();
  }
}

export const view = new ViewState();
