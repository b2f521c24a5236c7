import type { PublishingView, UploadEnd, UploadUnderWay } from '../../src-shared/contract/page/publishing.ts';
import type { UploadRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { readReason } from './kept-reason.ts';
import { UPLOADS_SHOWN, UPLOADS_SPAN_MS } from './limits.ts';
import type { SharedPublish } from './shared-publish.ts';

export interface UploadWatchOptions {
  readonly publish: Pick<SharedPublish, 'onReady'>;
  readonly store: Pick<Store, 'uploads'>;
  shown(view: PublishingView): void;
  log(line: string): void;
}

/** What people see of publishing: what is under way, how far it is, and what came of it before. */
export interface UploadWatch {
  /** What is made ready or sent from now on; null: nothing. */
  set(current: Omit<UploadUnderWay, 'waits'> | null, job: string | null): void;
  /** A round averages, or does no more. */
  setHeld(isHeld: boolean): void;
  /** An upload ended, well or not. */
  ended(): void;
  stop(): void;
}

export function watchUploads({ publish, store, shown, log }: UploadWatchOptions): UploadWatch {
  let view: PublishingView = { current: null, isHeld: false, uploads: [], sentDayBytes: null };
  let job: string | null = null;
  let offChild: (() => void)[] = [];
  const become = (changes: Partial<PublishingView>) => {
    view = { ...view, ...changes };
    shown(view);
  };
  const move = (of: string, changes: Partial<UploadUnderWay>) => {
    if (of === job && view.current) become({ current: { ...view.current, ...changes } });
  };
  const read = () =>
    void store.uploads(Date.now() - UPLOADS_SPAN_MS, UPLOADS_SHOWN).then(
      ({ newest, sentBytes }) => become({ uploads: newest.map(shownEnd), sentDayBytes: sentBytes }),
      (thrown: unknown) => log(`uploads: ${thrown}`),
    );
  const off = publish.onReady((client) => {
    for (const end of offChild) end();
    offChild = [
      client.on('progress', ({ job: of, phase, doneBytes, allBytes }) =>
        move(of, { phase, doneBytes, allBytes, waits: null }),
      ),
      client.on('waiting', ({ job: of, reason, untilMs }) => move(of, { waits: { reason, untilMs } })),
    ];
  });
  read();

  return {
    set(current, of) {
      job = of;
      become({ current: current && { ...current, waits: null } });
    },
    setHeld: (isHeld) => become({ isHeld }),
    ended: read,
    stop() {
      off();
      for (const end of offChild) end();
    },
  };
}

const shownEnd = ({ runId: _, paramsJson, ...row }: UploadRow): UploadEnd => ({
  ...row,
  params: readReason(paramsJson),
});
