import { describe, expect, it } from 'vitest';
import { refuseSwallowed } from '../../../src-main/commands/swallowed.ts';

const npm = (settings: Record<string, string>, event = 'start') => ({
  npm_lifecycle_event: event,
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value])),
});

function refusal(words: readonly string[], env: NodeJS.ProcessEnv): unknown {
  try {
    return refuseSwallowed(words, env);
  } catch (thrown) {
    return (thrown as { params: unknown }).params;
  }
}

describe('options that npm kept for itself', () => {
  it('are told with the line that was meant', () => {
    // What npm 10 and 11 make of `npm start --port 5 --no-open --data-dir=/x`.
    expect(refusal(['5'], npm({ port: 'true', open: '', data_dir: '/x' }))).toEqual({
      options: '--port, --no-open, --data-dir',
      line: 'npm start -- --port PORT --no-open --data-dir /x',
    });
  });

  it.each([
    ['devnet', ['devnet', '9000'], { port: 'true' }, 'npm run devnet -- --port PORT'],
    ['start', ['devnet', '9000'], { port: 'true' }, 'npm start -- devnet --port PORT'],
    [
      'start',
      ['join', 'x=ws://a'],
      { network: 'true', role: 'miner' },
      'npm start -- join --network NAME=ENDPOINT --role miner',
    ],
  ])('of the script %s with %j are told with that command', (script, words, settings, line) => {
    expect(refusal(words, npm(settings, script))).toMatchObject({ line });
  });

  it('are none where they came through as words too', () => {
    expect(refusal(['--port', '5'], npm({ port: 'true' }))).toBeUndefined();
  });

  it('are none outside npm, and none of npm itself', () => {
    expect(refusal([], { npm_config_port: '5' })).toBeUndefined();
    expect(refusal([], npm({ json: 'true', audit: '', yes: '' }))).toBeUndefined();
  });
});
