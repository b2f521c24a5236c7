import type { Connection, Stream } from '@libp2p/interface';
import { expect, it } from 'vitest';
import { hex, type Ss58 } from '../../../src-shared/units.ts';
import { Greeting, type GreetingInit } from '../../../src-worker/swarm/mesh/greeting.ts';

const peer = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Ss58;

/** Answers one hello that comes so, on a connection that is let in or not. @returns why it was dropped */
async function dropped(isAdmitted: boolean, incoming: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const whys: string[] = [];
  const gate = {
    hotkeyOf: () => (isAdmitted ? peer : null),
    drop: (_: Connection, why: string) => void whys.push(why),
  };
  const link = {
    incoming,
    send: async () => undefined,
    close: async () => undefined,
    abort: () => undefined,
  };
  const init: Partial<GreetingInit> = {
    own: { hotkey: peer, peerKey: hex('00'.repeat(32)), binding: '' },
    stopping: new AbortController().signal,
    link: () => link,
    gate: gate as unknown as GreetingInit['gate'],
  };
  await new Greeting(init as GreetingInit).answer({} as Stream, {} as Connection);
  return whys;
}

async function* ended(): AsyncGenerator<Uint8Array> {}
async function* reset(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(200, 0);
  throw new Error('the stream was reset');
}
async function* foreign(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(2, 0, 0, 0, 0x7b, 0x7d);
}

it.each([
  ['ends before it began', ended],
  ['breaks off', reset],
])('a further hello of whoever is let in costs no connection when it %s', async (_, comes) => {
  expect(await dropped(true, comes())).toEqual([]);
});

it.each([
  ['ends before it began', ended],
  ['breaks off', reset],
])('a stranger’s hello that %s ends the connection', async (_, comes) => {
  expect(await dropped(false, comes())).toHaveLength(1);
});

it('what is no hello ends the connection of anybody', async () => {
  expect(await dropped(true, foreign())).toHaveLength(1);
});
