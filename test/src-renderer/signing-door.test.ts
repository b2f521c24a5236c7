import { describe, expect, it } from 'vitest';
import { askInWindow, type OpenedWindow } from '../../src-renderer/state/signing-door.ts';
import type { HostApi } from '../../src-shared/contract/page/api.ts';

interface Seen {
  readonly order: string[];
  readonly window: OpenedWindow;
}

function seen(): Seen {
  const order: string[] = [];
  return {
    order,
    window: {
      location: { replace: (url) => void order.push(`led to ${url}`) },
      focus: () => void order.push('shown'),
      close: () => void order.push('closed'),
    },
  };
}

const themes: string[] = [];
const api = {
  async openSigning(theme: string) {
    themes.push(theme);
    return 'http://127.0.0.1:1/#t=x';
  },
} as unknown as HostApi;
const ask = async <T>(call: (host: HostApi) => Promise<T>) => ({ value: await call(api) });

describe('the signing window', () => {
  it('is opened before anything is asked, while the click lasts', async () => {
    const { order, window } = seen();
    const opening = askInWindow(
      ask,
      () => {
        order.push('opened');
        return window;
      },
      'web',
      async () => void order.push('asked'),
    );
    expect(order[0]).toBe('opened');
    expect(await opening).toEqual({ kind: 'opened' });
    expect(order).toEqual(['opened', 'asked', 'led to http://127.0.0.1:1/#t=x', 'shown']);
  });

  it('that the browser blocks is told with its address', async () => {
    const asked = await askInWindow(
      ask,
      () => null,
      'web',
      async () => {},
    );
    expect(asked).toEqual({ kind: 'blocked', url: 'http://127.0.0.1:1/#t=x' });
  });

  it('is closed again when the host refuses', async () => {
    const { order, window } = seen();
    const error = { code: 'TIMEOUT', params: {} } as const;
    const asked = await askInWindow(
      async () => ({ error }),
      () => window,
      'web',
      async () => {},
    );
    expect(asked).toEqual({ kind: 'refused', error });
    expect(order).toEqual(['closed']);
  });

  it('is the host’s business in the app', async () => {
    const opened = await askInWindow(
      async (call) => ({ value: await call({ openSigning: async () => null } as unknown as HostApi) }),
      () => {
        throw new Error('opened by the page');
      },
      'electron',
      async () => {},
    );
    expect(opened).toEqual({ kind: 'opened' });
  });
});
