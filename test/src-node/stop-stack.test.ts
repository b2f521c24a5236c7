import { expect, it } from 'vitest';
import { stopStack } from '../../src-node/stop-stack.ts';

it('stops in reverse order of starting', async () => {
  const order: string[] = [];
  const stack = stopStack();
  for (const name of ['store', 'chain', 'rounds']) stack.push(name, async () => order.push(name));
  await stack.stop();
  expect(order).toEqual(['rounds', 'chain', 'store']);
});

it('goes on past a service that fails and one that hangs, and names both', async () => {
  const problems: string[] = [];
  let stopped = false;
  const stack = stopStack({ limitMs: 20, onProblem: (name) => problems.push(name) });
  stack.push('first', () => {
    stopped = true;
  });
  stack.push('hangs', () => new Promise(() => {}));
  stack.push('fails', () => Promise.reject(new Error('no')));
  await stack.stop();
  expect({ stopped, problems }).toEqual({ stopped: true, problems: ['fails', 'hangs'] });
});

it('stops once, however often it is asked', async () => {
  let times = 0;
  const stack = stopStack();
  stack.push('service', () => {
    times++;
  });
  await Promise.all([stack.stop(), stack.stop()]);
  expect(times).toBe(1);
});

it('refuses what is started while it stops', async () => {
  const stack = stopStack();
  await stack.stop();
  expect(() => stack.push('late', () => {})).toThrow('late');
});
