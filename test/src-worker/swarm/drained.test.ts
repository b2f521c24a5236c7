import type { Logger, Stream } from '@libp2p/interface';
import { AbstractMultiaddrConnection } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { drained } from '../../../src-worker/swarm/net/drained.ts';
import { streamLink } from '../../../src-worker/swarm/net/stream-link.ts';

const log = Object.assign(() => {}, { error() {}, trace() {}, newScope: () => log }) as unknown as Logger;

/** Takes one piece, and the next one when it is told to. */
class OneByOne extends AbstractMultiaddrConnection {
  constructor() {
    super({ log, direction: 'outbound', remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') });
  }

  sendData(data: { readonly byteLength: number }) {
    return { sentBytes: data.byteLength, canSendMore: false };
  }

  takeMore(): void {
    this.safeDispatchEvent('drain');
  }

  async sendClose(): Promise<void> {}
  sendReset(): void {}
  sendPause(): void {}
  sendResume(): void {}
}

/** Whether it is over by the next turn of the event loop. */
async function isOver(work: Promise<unknown>): Promise<boolean> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  await new Promise((resolve) => void setImmediate(resolve));
  return over;
}

describe('a full stream', () => {
  it('is waited for each time, not the first time alone', async () => {
    const stream = new OneByOne();
    const link = streamLink(stream as unknown as Stream, { sentBytes: 0, receivedBytes: 0 });
    for (let piece = 0; piece < 3; piece++) {
      const sending = link.send(new Uint8Array(5));
      expect(await isOver(sending)).toBe(false);
      stream.takeMore();
      expect(await isOver(sending)).toBe(true);
    }
  });

  it('is waited for until it takes more, also where what waits in it fills it anew', async () => {
    const stream = new OneByOne();
    stream.send(new Uint8Array(5));
    stream.send(new Uint8Array(5));
    const waiting = drained(stream);
    stream.takeMore();
    expect(await isOver(waiting)).toBe(false);
    stream.takeMore();
    expect(await isOver(waiting)).toBe(true);
  });

  it.each(['while it is waited for', 'before'])('that ends %s is waited for no longer', async (when) => {
    const stream = new OneByOne();
    stream.send(new Uint8Array(5));
    if (when === 'before') stream.abort(new Error('cut'));
    const waiting = drained(stream);
    if (when !== 'before') stream.abort(new Error('cut'));
    await expect(waiting).rejects.toThrow();
  });
});
