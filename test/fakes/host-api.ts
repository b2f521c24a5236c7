import type { HostApi, UiApi } from '../../src-shared/contract/page/api.ts';
import { hostApiArguments } from '../../src-shared/contract/page/arguments.ts';
import { emptyView as viewOf } from '../../src-shared/contract/page/sections.ts';

/** A host as a page sees it, without anything behind it. Records what it was asked. */
export interface FakeHost {
  readonly api: HostApi;
  readonly pages: Set<UiApi>;
  readonly asked: string[];
  connect(ui: UiApi): () => void;
}

export const emptyView = viewOf({
  version: '0.0.0',
  shell: 'web',
  dataDir: '/nowhere',
  program: 'npm start --',
});

export function fakeHost(overrides: Partial<HostApi> = {}): FakeHost {
  const pages = new Set<UiApi>();
  const asked: string[] = [];
  return {
    pages,
    asked,
    api: {
      ...recordingApi((call, args) => void asked.push([call, ...args].join(' '))),
      view: async () => emptyView,
      series: async () => [{ t: 1, v: 2 }],
      evidence: async () => [],
      ...overrides,
    },
    connect(ui) {
      pages.add(ui);
      return () => pages.delete(ui);
    },
  };
}

/** Every call of the contract, each told to `note` and answered by nothing. */
export function recordingApi(note: (call: string, args: readonly unknown[]) => void): HostApi {
  const calls = Object.keys(hostApiArguments).map((call) => [
    call,
    async (...args: readonly unknown[]) => note(call, args),
  ]);
  return Object.fromEntries(calls) as HostApi;
}
