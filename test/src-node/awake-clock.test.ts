import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { awakeLimit } from '../../src-node/awake-clock.ts';
import { withLimit } from '../../src-node/waits.ts';

const aborted = (signal: AbortSignal) => once(signal, 'abort');

describe('a limit on the awake clock', () => {
  it('ends when it has passed', async () => {
    const signal = awakeLimit(20);
    expect(signal.aborted).toBe(false);
    await aborted(signal);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('may be longer than a timer takes', async () => {
    const warned: Error[] = [];
    const note = (warning: Error) => warned.push(warning);
    process.on('warning', note);
    const long = awakeLimit(2 ** 33);
    await aborted(awakeLimit(20));
    process.off('warning', note);
    expect(long.aborted).toBe(false);
    expect(warned).toEqual([]);
  });

  it('ends with the caller’s own signal', () => {
    const stop = new AbortController();
    const signal = withLimit(stop.signal, 60_000);
    stop.abort();
    expect(signal.aborted).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'does not count the time in which the process was stopped',
    async () => {
      const url = new URL('../../src-node/awake-clock.ts', import.meta.url);
      const script = `
      const { awakeNow, awakeLimit } = await import(${JSON.stringify(url.href)});
      const beganMs = performance.now(), beganAwakeMs = awakeNow();
      console.log('began');
      awakeLimit(3000).onabort = () => {
        console.log(JSON.stringify({ passedMs: performance.now() - beganMs, awakeMs: awakeNow() - beganAwakeMs }));
        process.exit(0);
      };
      setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe('began');
      child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      child.kill('SIGCONT');
      const { passedMs, awakeMs } = JSON.parse((await lines.next()).value ?? 'null');
      expect(awakeMs).toBeGreaterThanOrEqual(2_999);
      // A stretch of up to two looks counts as awake.
      expect(passedMs).toBeGreaterThanOrEqual(3_000 + 5_000 - 2_100);
    },
  );
});
