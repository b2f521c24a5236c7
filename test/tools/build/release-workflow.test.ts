import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

/** The reader of YAML that electron-builder brings along. */
const { load } = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: unknown;
  readonly 'continue-on-error'?: boolean;
}
interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly include: readonly { readonly name: string }[] } };
  readonly steps: readonly Step[];
}
const { permissions, jobs } = load(readFileSync('.github/workflows/release.yml', 'utf8')) as {
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
};
const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> })
  .scripts;
const steps = Object.values(jobs).flatMap((job) => job.steps);
const runs = (job: Job | undefined) => (job?.steps ?? []).map(({ run }) => run ?? '');

describe('the release workflow', () => {
  it('packages, signs and tries the app on three operating systems before anything is published', () => {
    expect(jobs.package?.strategy?.matrix.include.map(({ name }) => name.split('-')[0])).toEqual(
      expect.arrayContaining(['linux', 'macos', 'windows']),
    );
    const order = ['npm ci', 'release:node', 'npm run check', 'npm run dist', 'release:smoke', 'npm sbom'];
    const places = order.map((words) => runs(jobs.package).findIndex((run) => run.includes(words)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(runs(jobs.test)).toContain('.ci/run');
    expect([jobs.package?.needs, jobs.publish?.needs]).toEqual(['test', 'package']);
    expect(steps.some((step) => step['continue-on-error'])).toBe(false);
  });

  it('runs scripts that there are', () => {
    const asked = steps.flatMap(({ run }) =>
      [...(run ?? '').matchAll(/npm run (?:--silent )?([a-z:-]+)/g)].map(([, name]) => name),
    );
    expect(asked).toEqual(expect.arrayContaining(['dist', 'release:smoke']));
    expect(asked.filter((name) => !scripts[name ?? ''])).toEqual([]);
  });

  it('may write only where it publishes, by actions of the platform itself', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.package?.permissions).toBeUndefined();
    expect(jobs.publish?.permissions).toMatchObject({ contents: 'write', attestations: 'write' });
    for (const { uses } of steps) if (uses) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
  });

  it('puts no expression that a stranger fills into a shell', () => {
    const filled = steps.flatMap(({ run }) =>
      [...(run ?? '').matchAll(/\$\{\{([^}]*)\}\}/g)].map(([, inner]) => inner?.trim()),
    );
    expect(filled.filter((inner) => !/^(?:matrix\.|runner\.)/.test(inner ?? ''))).toEqual([]);
  });
});
