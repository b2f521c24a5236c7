import type { SigningApi, SigningView } from '../../src-shared/contract/signing.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { callProgram } from '../../src-shared/program-name.ts';
import { HostLine } from '../state/host-line.svelte.ts';

/** A password becomes a key within two minutes on a machine that is busy, and the network answers within one. */
const SIGNING_CALL_LIMIT_MS = 240_000;

class Host {
  view = $state.raw<SigningView | null>(null);
  readonly line = new HostLine<SigningApi, SigningView>(
    {
      replace: (view) => {
        callProgram(view.program);
        this.view = view;
      },
      patch: (sections) => {
        if (this.view) this.view = { ...this.view, ...sections };
      },
    },
    SIGNING_CALL_LIMIT_MS,
  );

  /** What came of a call: its answer, or why there is none. */
  async ask<T>(call: (api: SigningApi) => Promise<T>): Promise<{ value: T } | { error: CodedError }> {
    return this.line.ask(call);
  }

  /** For calls whose failure shows in the view, or says that the view has moved on. */
  tell(call: (api: SigningApi) => Promise<unknown>): void {
    void this.line.ask(call);
  }
}

export const host = new Host();
