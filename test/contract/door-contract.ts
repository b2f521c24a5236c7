import { expect, it } from 'vitest';
import type { ChildClient, ChildContract } from '../../src-shared/contract/child.ts';

/** Some call of the contract that a running child answers, and parameters that do not fit it. */
export interface DoorCall {
  readonly name: string;
  readonly params: unknown;
  readonly misfit: unknown;
}

/** What holds for a child whatever it does: calls that are none are refused, given up ones end, and it lives on. */
export function doorContract<C extends ChildContract>(child: () => ChildClient<C>, good: DoorCall): void {
  const { signal } = new AbortController();
  const call = (name: string, params: unknown, until: AbortSignal = signal): Promise<unknown> =>
    child().call(name as never, params as never, until);
  const lives = () => expect(call(good.name, good.params)).resolves.not.toThrow();

  it.each(['noSuchCall', 'toString', '__proto__', ''])(
    'refuses the unknown call "%s" and lives on',
    async (name) => {
      await expect(call(name, undefined)).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
      await lives();
    },
  );

  it('refuses parameters that do not fit the contract and lives on', async () => {
    await expect(call(good.name, good.misfit)).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
    await lives();
  });

  it('does not begin a call that was given up before', async () => {
    await expect(call(good.name, good.params, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('ends a call that is given up under way and lives on', async () => {
    const giveUp = new AbortController();
    const given = call(good.name, good.params, giveUp.signal);
    giveUp.abort();
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
    await lives();
  });
}
