import { BATCH_BYTES_MAX, BATCH_REQUESTS_MAX } from './limits.ts';

/**
 * Requests on their way out. Those made in one turn of the event loop travel in one frame, since public endpoints count
 * frames. Subscriptions travel alone: not every node takes them in a batch.
 */
export interface Batches {
  /** Requests wait for the end of the turn from now on; before, each is sent at once. */
  begin(): void;
  add(id: number): void;
  /** Sends a request at once, whatever others wait for. */
  alone(id: number): void;
  /** The node refused a frame: what is unanswered is sent anew, one by one, and so is all that comes. */
  refused(): boolean;
}

/**
 * @param textOf a request that is still waiting for its answer, as it travels
 * @param send one frame
 */
export function batches(textOf: (id: number) => string | undefined, send: (frame: string) => void): Batches {
  let isBatching = false;
  let queued: number[] = [];
  let together = new Set<number>();

  function alone(id: number): void {
    const text = textOf(id);
    if (text !== undefined) send(text);
  }

  function flush(): void {
    const ids = queued;
    queued = [];
    // The node has refused a batch since these were queued.
    if (!isBatching) {
      for (const id of ids) alone(id);
      return;
    }
    // What was answered meanwhile need not be sent anew by a refusal.
    together = new Set([...together].filter((id) => textOf(id) !== undefined));
    let frame: { readonly ids: number[]; readonly texts: string[]; bytes: number } = begun();
    const go = () => {
      if (frame.texts.length === 1) send(frame.texts[0] ?? '');
      if (frame.texts.length > 1) {
        for (const id of frame.ids) together.add(id);
        send(`[${frame.texts.join()}]`);
      }
      frame = begun();
    };
    for (const id of ids) {
      const text = textOf(id);
      if (text === undefined) continue;
      if (frame.texts.length === BATCH_REQUESTS_MAX || frame.bytes + text.length > BATCH_BYTES_MAX) go();
      frame.ids.push(id);
      frame.texts.push(text);
      frame.bytes += text.length;
    }
    go();
  }

  return {
    begin() {
      isBatching = true;
    },
    add(id) {
      if (!isBatching) return alone(id);
      if (queued.push(id) === 1) setImmediate(flush);
    },
    alone,
    refused() {
      if (!isBatching) return false;
      isBatching = false;
      for (const id of together) alone(id);
      together.clear();
      return true;
    },
  };
}

const begun = () => ({ ids: [] as number[], texts: [] as string[], bytes: 0 });
