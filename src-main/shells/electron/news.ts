import { Notification } from 'electron';
import type { Notice } from '../../../src-shared/contract/page/app.ts';
import { describeError } from '../../../src-shared/errors/app-error.ts';
import type { HostView } from './host-view.ts';
import { NEWS_AGAIN_MS, NEWS_PER_HOUR } from './limits.ts';

const HOUR_MS = 3_600_000;

/**
 * Which notices are worth an interruption: news that need somebody, the same one seldom, and few in an hour.
 * @param nowMs monotonic
 */
export function newsGate(nowMs: () => number): (notice: Notice) => boolean {
  const saidAtMs = new Map<string, number>();
  let shownAtMs: readonly number[] = [];
  return ({ level, error, run }) => {
    if (level === 'info') return false;
    const now = nowMs();
    const subject = `${error.code} ${run ?? ''}`;
    shownAtMs = shownAtMs.filter((at) => now - at < HOUR_MS);
    if (now - (saidAtMs.get(subject) ?? Number.NEGATIVE_INFINITY) < NEWS_AGAIN_MS) return false;
    if (shownAtMs.length >= NEWS_PER_HOUR) return false;
    saidAtMs.set(subject, now);
    shownAtMs = [...shownAtMs, now];
    return true;
  };
}

export interface NewsOptions {
  readonly view: HostView;
  /** Whoever looks at the page sees it there. */
  isLookedAt(): boolean;
  open(): void;
  nowMs?(): number;
}

/** Shows new notices by the system's own means while nobody looks at the page. @returns what ends it */
export function showNews({
  view,
  isLookedAt,
  open,
  nowMs = () => performance.now(),
}: NewsOptions): () => void {
  const isNews = newsGate(nowMs);
  let known: ReadonlySet<string> = new Set(view.now.notices.map(({ id }) => id));
  /** One that is let go of by the program loses its click. */
  const shown = new Set<Notification>();

  function show({ error }: Notice): void {
    const { sentence, action } = describeError(error);
    const note = new Notification({ title: sentence, body: action });
    shown.add(note);
    note.on('click', open);
    note.on('close', () => shown.delete(note));
    note.show();
  }

  return view.onChange(({ notices, settings }) => {
    const fresh = notices.filter(({ id }) => !known.has(id));
    known = new Set(notices.map(({ id }) => id));
    if (!settings['window.notifications'] || isLookedAt() || !Notification.isSupported()) return;
    for (const notice of fresh) if (isNews(notice)) show(notice);
  });
}
