import type { HostApi, UiApi, View } from '../../src-shared/contract/page.ts';

/** A host as a page sees it, without anything behind it. Records what it was asked. */
export interface FakeHost {
  readonly api: HostApi;
  readonly pages: Set<UiApi>;
  readonly asked: string[];
  connect(ui: UiApi): () => void;
}

export const emptyView: View = {
  app: { version: '0.0.0', shell: 'web', dataDir: '/nowhere' },
  run: null,
  setup: [],
  worker: { kind: 'idle' },
  chain: null,
  round: null,
  training: null,
  scores: null,
  wallet: null,
  earnings: null,
  swarm: null,
  notices: [],
};

export function fakeHost(overrides: Partial<HostApi> = {}): FakeHost {
  const pages = new Set<UiApi>();
  const asked: string[] = [];
  return {
    pages,
    asked,
    api: {
      view: async () => emptyView,
      startPractice: async () => void asked.push('startPractice'),
      pause: async (minutes) => void asked.push(`pause ${minutes}`),
      resume: async () => void asked.push('resume'),
      series: async () => [{ t: 1, v: 2 }],
      evidence: async () => [],
      dismissNotice: async (id) => void asked.push(`dismiss ${id}`),
      ...overrides,
    },
    connect(ui) {
      pages.add(ui);
      return () => pages.delete(ui);
    },
  };
}
