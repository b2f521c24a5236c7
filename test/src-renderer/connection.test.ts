import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src-renderer/state/backoff.ts';
import { StepTimes } from '../../src-renderer/state/step-times.ts';
import {
  CALL_LIMIT_MS,
  connectHost,
  portChannel,
  readFrame,
  socketChannel,
} from '../../src-renderer/state/transport.ts';
import type { HostApi, UiApi } from '../../src-shared/contract/page/api.ts';
import { applyPatch, isWhole, type ViewPatch } from '../../src-shared/contract/page/sections.ts';
import { encodeWire } from '../../src-shared/wire.ts';
import { idle, me, training } from '../e2e/page/scenes.ts';

describe('patches', () => {
  it('replace sections and leave the others as they are', () => {
    const before = training(0);
    const after = applyPatch(before, { runs: { [me]: { wallet: null } } });
    expect(after.runs[me]?.wallet).toBeNull();
    expect(after.runs[me]?.round).toBe(before.runs[me]?.round);
    expect(after.notices).toBe(before.notices);
  });

  it('are nothing to stand on before the whole view came', () => {
    expect(isWhole({ runs: { [me]: { wallet: null } } })).toBe(false);
    expect(isWhole(idle())).toBe(true);
  });
});

describe('attempts to reach the host', () => {
  it('come ever later, up to a limit', () => {
    const waits = Array.from({ length: 12 }, (_, attempt) => backoffMs(attempt));
    expect(waits[0]).toBe(500);
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    expect(waits.at(-1)).toBe(8_000);
  });
});

describe('frames', () => {
  it('carry amounts beyond doubles', () => {
    const frame = readFrame(encodeWire({ kind: 'rpc', body: { rao: 2n ** 63n } }));
    expect(frame).toEqual({ kind: 'rpc', body: { rao: 2n ** 63n } });
  });

  it.each(['{"kind":"session","key":"short"}', '{"kind":"other"}', '[]', 'null'])('refuse %s', (text) => {
    expect(readFrame(text)).toBeNull();
  });

  it('that are no page frames close the socket', () => {
    const { socket, receive } = fakeSocket();
    socketChannel(socket.asWebSocket, () => {});
    receive('nonsense');
    expect(socket.closed).toBe(1);
  });

  it('hand the session key over and nothing else', () => {
    const { socket, receive } = fakeSocket();
    const keys: string[] = [];
    socketChannel(socket.asWebSocket, (key) => keys.push(key)).onMessage(() => expect.unreachable());
    receive(encodeWire({ kind: 'session', key: 'k'.repeat(43) }));
    expect(keys).toEqual(['k'.repeat(43)]);
    expect(socket.closed).toBe(0);
  });
});

describe('the line over a message port', () => {
  it('carries calls, answers and patches', async () => {
    const { port1, port2 } = new MessageChannel();
    const patches: ViewPatch[] = [];
    const page = connectHost<HostApi, UiApi>(
      portChannel(port1),
      { patch: (sections) => void patches.push(sections) },
      CALL_LIMIT_MS,
    );
    // The other end of a line is a line as well: the host's half of the contract in the page's place.
    const host = connectHost(
      portChannel(port2),
      {
        patch: () => {},
        view: async () => idle(),
        pauseRun: async () => {
          throw { code: 'NOT_NOW', params: {} };
        },
      } as never,
      CALL_LIMIT_MS,
    );
    expect(await page.api.view()).toEqual(idle());
    await expect(page.api.pauseRun(me, 15)).rejects.toEqual({ code: 'NOT_NOW', params: {} });
    await (host.api as unknown as { patch: (sections: ViewPatch) => Promise<void> }).patch({
      notices: [],
    });
    expect(patches).toEqual([{ notices: [] }]);
    page.close();
    host.close();
  });

  it('refuses calls once it is closed', async () => {
    const { port1, port2 } = new MessageChannel();
    const page = connectHost<HostApi, UiApi>(portChannel(port1), { patch: () => {} }, CALL_LIMIT_MS);
    page.close();
    port2.close();
    await expect((page.api as HostApi).view()).rejects.toThrow();
  });
});

describe('times of setup steps', () => {
  const step = (state: 'waiting' | 'working' | 'done') => ({ id: 'chain' as const, state, detail: null });

  it('run while a step works and stand when it is done', () => {
    const times = new StepTimes();
    expect(times.of(step('waiting'), 0)).toBeNull();
    expect(times.of(step('working'), 1_000)).toBe(0);
    expect(times.of(step('working'), 3_000)).toBe(2_000);
    expect(times.of(step('done'), 4_000)).toBe(3_000);
    expect(times.of(step('done'), 9_000)).toBe(3_000);
  });

  it('are unknown for a step whose start this page did not see', () => {
    expect(new StepTimes().of(step('done'), 4_000)).toBeNull();
  });
});

function fakeSocket() {
  const target = new EventTarget();
  const socket = {
    closed: 0,
    close: () => {
      socket.closed += 1;
    },
    get asWebSocket(): WebSocket {
      return Object.assign(target, { close: socket.close, send: () => {} }) as unknown as WebSocket;
    },
  };
  return { socket, receive: (data: string) => target.dispatchEvent(new MessageEvent('message', { data })) };
}
