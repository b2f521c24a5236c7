import type { UiApi, View } from '../../src-shared/contract/page.ts';

/** The page is told of changes at most this often: twice a second reads as live and costs next to nothing. */
export const VIEW_EVERY_MS = 500;

export type Patch = Partial<{ -readonly [S in keyof View]: View[S] }>;

/**
 * Keeps the one View and tells every connected page which sections changed, in batches. Nothing is sent while no
 * page is connected, and no timer runs then.
 */
export class ViewKeeper {
  #view: View;
  readonly #pages = new Set<UiApi>();
  readonly #changed = new Set<keyof View>();
  #timer: NodeJS.Timeout | undefined;

  constructor(app: View['app']) {
    this.#view = {
      app,
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
  }

  get view(): View {
    return this.#view;
  }

  update(patch: Patch): void {
    this.#view = { ...this.#view, ...patch };
    for (const section of Object.keys(patch)) this.#changed.add(section as keyof View);
    if (this.#pages.size > 0) this.#timer ??= setTimeout(() => this.#flush(), VIEW_EVERY_MS);
  }

  /** @returns what to call when the page is gone. */
  connect(page: UiApi): () => void {
    this.#pages.add(page);
    page.patch(this.#view);
    return () => {
      this.#pages.delete(page);
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#pages.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const sections: Patch = {};
    for (const section of this.#changed) Object.assign(sections, { [section]: this.#view[section] });
    this.#changed.clear();
    for (const page of this.#pages) page.patch(sections);
  }
}
