import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricsText } from '../../../../src-main/shells/metrics/metrics-text.ts';
import { type MetricsServer, serveMetrics } from '../../../../src-main/shells/metrics/serve-metrics.ts';
import type { RunFacts } from '../../../../src-shared/contract/page/runs.ts';
import { emptyRun, type View } from '../../../../src-shared/contract/page/sections.ts';
import { alphaRao, hex } from '../../../../src-shared/units.ts';
import { emptyView } from '../../../fakes/host-api.ts';

const HOTKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const facts: RunFacts = {
  profile: 'a "strange"\\name\n',
  profileHash: hex('00'),
  netuid: 2,
  role: 'miner',
  mark: null,
  startedAtMs: 0,
  network: 'practice',
  controls: [],
  continuesAtRound: null,
};
const earnings = { todayRao: null, lastEpoch: null, epochs: [], nextEpochBlock: null };
const view: View = {
  ...emptyView,
  app: { ...emptyView.app, dataDir: '/home/jane/secret-place' },
  runs: {
    [HOTKEY]: {
      ...emptyRun(facts),
      worker: { kind: 'training' },
      heldOut: [{ round: 3, loss: 5.5, atMs: 0 }],
      earnings: { ...earnings, todayAlpha: alphaRao(1_500_000_000n) },
      logs: [
        {
          ...{ kind: 'wandb', lastSeq: 5, toldAtMs: 1, pendingRows: 42, place: 'https://there/team-of-jane' },
          ...{ problem: { code: 'WANDB_KEY_REFUSED', params: {} }, failedSinceMs: 1, failures: 1 },
        },
        {
          ...{ kind: 'tensorboard', lastSeq: null, toldAtMs: null, pendingRows: null, place: null },
          ...{ problem: null, failedSinceMs: null, failures: 0 },
        },
      ],
    },
  },
};

/** A reader of the format, written from its description: every line is a comment, a sample, or wrong. */
function parse(text: string): Map<string, { value: number; labels: Record<string, string> }[]> {
  const samples = new Map<string, { value: number; labels: Record<string, string> }[]>();
  const types = new Map<string, string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').slice(0, -1)) {
    const [, type, typeOf] = /^# TYPE ([a-z_:][a-z0-9_:]*) (gauge|counter)$/.exec(line) ?? [];
    if (type && typeOf) {
      expect(types.has(type), 'one type a metric').toBe(false);
      types.set(type, typeOf);
      continue;
    }
    if (/^# HELP [a-z_:][a-z0-9_:]* [^\n]+$/.test(line)) continue;
    const sample =
      /^([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(
        line,
      );
    expect(sample, line).not.toBeNull();
    const [, name = '', labelText = '', value] = sample ?? [];
    expect(types.has(name), `${name} has a type before its samples`).toBe(true);
    const labels = Object.fromEntries(
      [...labelText.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]),
    );
    samples.set(name, [...(samples.get(name) ?? []), { value: Number(value), labels }]);
  }
  return samples;
}

describe('the metrics', () => {
  const text = metricsText(view, { processStartSeconds: 1_700_000_000.5, rssBytes: 1e8 });

  it('are of the format, and say what is known', () => {
    const samples = parse(text);
    expect(samples.get('butterfly_held_out_loss')?.[0]).toEqual({
      value: 5.5,
      labels: { run: '0', network: 'practice', profile: 'a \\"strange\\"\\\\name ', role: 'miner' },
    });
    expect(samples.get('butterfly_alpha_earned_today')?.[0]?.value).toBe(1.5);
    expect(samples.get('butterfly_training')?.[0]?.value).toBe(1);
  });

  it('say of each target how many rows wait, and whether they go there', () => {
    const samples = parse(text);
    const of = (name: string) => samples.get(name)?.map(({ value, labels }) => [labels.target, value]);
    expect(of('butterfly_run_log_pending_rows')).toEqual([['wandb', 42]]);
    expect(of('butterfly_run_log_up')).toEqual([
      ['wandb', 0],
      ['tensorboard', 1],
    ]);
  });

  it('say whether states get out, and what that takes', () => {
    const upload = {
      tag: '1.5.9',
      kind: 'state',
      place: 'hub:jane/x',
      atMs: 2,
      foundBytes: 0,
      durationMs: 1,
    } as const;
    const publishing: View['publishing'] = {
      current: {
        kind: 'state',
        round: 6,
        place: 'hub:jane/x',
        phase: 'sending',
        doneBytes: 30,
        allBytes: 100,
        waits: null,
      },
      ...{ isHeld: false, sentDayBytes: 900 },
      uploads: [
        { ...upload, round: 5, sentBytes: null, code: 'STORE_UNREACHABLE', params: null },
        { ...upload, round: 4, sentBytes: 900, code: null, params: null },
      ],
    };
    const facts = { processStartSeconds: 1, rssBytes: 1 };
    const published = metricsText({ ...view, publishing }, facts);
    const samples = parse(published);
    const values = ['up', 'round', 'pending_bytes', 'last_day_bytes'].map(
      (name) => samples.get(`butterfly_publish_${name}`)?.[0]?.value,
    );
    expect(values).toEqual([0, 4, 70, 900]);
    expect(published).not.toContain('jane');
    expect(text).not.toMatch(/^butterfly_publish/m);
  });

  it('say how each card is, and nothing of what its driver does not tell', () => {
    const card = { vendor: 'amd', name: 'jane’s card', celsius: 61, watts: null, memoryBytes: 16 } as const;
    const machine = {
      cards: [{ ...card, usedBytes: 8, busy: 0.5, fan: null }],
      ...{ cpuWatts: null, gpuWhPerMtoken: null, cpuWhPerMtoken: null },
    };
    const text = metricsText({ ...view, machine }, { processStartSeconds: 1, rssBytes: 1 });
    const samples = parse(text);
    const of = { card: '0', vendor: 'amd' };
    expect(samples.get('butterfly_card_temperature_celsius')).toEqual([{ value: 61, labels: of }]);
    expect(samples.get('butterfly_card_memory_used_bytes')).toEqual([{ value: 8, labels: of }]);
    expect(samples.get('butterfly_card_busy_ratio')).toEqual([{ value: 0.5, labels: of }]);
    expect(samples.has('butterfly_card_power_watts')).toBe(false);
    expect(text).not.toContain('jane');
  });

  it('have no sample of what is not known', () => {
    expect(text).not.toContain('butterfly_loss');
    expect(text).not.toContain('butterfly_score_ratio');
  });

  it('name no account and no place', () => {
    expect(text).not.toContain(HOTKEY.slice(0, 8));
    expect(text).not.toContain('jane');
  });
});

describe('the metrics server', () => {
  let server: MetricsServer;
  beforeEach(async () => {
    server = await serveMetrics({ view: async () => view }, 0);
  });
  afterEach(() => server.stop());

  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; text: string; type: string }>((resolve, reject) => {
      request({ host: '127.0.0.1', port: server.port, path, headers, method }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, type: response.headers['content-type'] ?? '' }),
        );
      })
        .on('error', reject)
        .end();
    });

  it('answers who asks on this machine', async () => {
    const { status, text, type } = await ask('/metrics');
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parse(text).get('butterfly_info')?.[0]?.labels).toEqual({ version: '0.0.0', shell: 'web' });
  });

  it.each([
    ['a page of a browser', '/metrics', { origin: 'https://example.com' }, 'GET', 403],
    ['a name that was made to point here', '/metrics', { host: 'evil.example:80' }, 'GET', 421],
    ['another path', '/', {}, 'GET', 404],
    ['an order', '/metrics', {}, 'POST', 405],
  ])('answers nothing to %s', async (_title, path, headers, method, status) => {
    const answer = await ask(path, headers as Record<string, string>, method);
    expect(answer).toMatchObject({ status, text: `${status}\n` });
  });

  it('says which port is taken', async () => {
    await expect(serveMetrics({ view: async () => view }, server.port)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      params: { port: server.port },
    });
  });
});
