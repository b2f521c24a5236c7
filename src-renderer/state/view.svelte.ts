import type { View } from '../../src-shared/contract/page.ts';
import { mergePatch } from './merge.ts';

/** What the host last told us. Raw: sections are replaced whole, so deep proxies would only cost. */
class ViewState {
  current = $state.raw<View | null>(null);
  /** When the last patch came; what is shown is that old while the host is away. */
  receivedAtMs = $state(0);

  apply(sections: Partial<View>): void {
    this.current = mergePatch(this.current, sections);
    this.receivedAtMs = Date.now();
  }

  /** A new connection starts with a whole view: nothing of the old one may linger in it. */
  replace(view: View): void {
    this.current = view;
    this.receivedAtMs = Date.now();
  }
}

export const view = new ViewState();
