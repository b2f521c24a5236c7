import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubStore } from '../../../../src-worker/publish/stores/hub.ts';
import { type ModelHub, startModelHub } from '../../../fakes/hub/models.ts';
import { type RecordedGround, recordedGround } from './rig.ts';

const { signal } = new AbortController();
let hub: ModelHub;
let ground: RecordedGround;

beforeEach(async () => {
  ground = recordedGround();
  hub = await startModelHub();
});
afterEach(() => hub.stop());

const store = (token: string | null = hub.token) =>
  hubStore(
    { kind: 'hub', url: hub.url, repository: null, repositoryName: 'sn38-x', xet: false },
    token,
    ground,
  );

describe('a run’s profile on the Hub', () => {
  const path = `run-profiles/${'ab'.repeat(32)}.json`;
  const profile = { path, text: `${JSON.stringify({ consensus: 'x'.repeat(2_000) })}\n` };
  const putProfile = (token: string | null = hub.token) => store(token).putProfile(profile, signal);
  const profileCommits = () =>
    [...hub.commits.values()].filter(({ title }) => title === `Profile ${'ab'.repeat(8)}`).length;

  it('is a commit of its own in a repository that is open to all', async () => {
    expect(await putProfile()).toBe(true);
    expect(hub.isPrivate).toBe(false);
    expect(profileCommits()).toBe(1);
    expect([...hub.commits.get(hub.branches.get('main')!)!.files.keys()]).toEqual(['.gitattributes', path]);
  });

  it('opens no repository that is closed to others', async () => {
    await hub.stop();
    hub = await startModelHub({ repository: 'me/sn38-x' });
    await expect(putProfile()).rejects.toMatchObject({
      ...{ code: 'STORE_PRIVATE', params: { place: 'me/sn38-x' } },
    });
    expect(hub.isPrivate).toBe(true);
    expect(profileCommits()).toBe(0);
  });

  it('builds on a commit that somebody else made in between', async () => {
    hub.fail(/POST .*\/commit\/main/, { kind: 'answer', when: 'before', status: 412 });
    expect(await putProfile()).toBe(true);
    expect(ground.waits).toEqual([]);
  });

  it.each([
    ['an answer of 500', { kind: 'answer', when: 'after', status: 500 }],
    ['a broken connection', { kind: 'cut', when: 'after' }],
  ] as const)('is one commit only where it is made and %s follows', async (_what, fault) => {
    hub.fail(/POST .*\/commit\/main/, fault);
    expect(await putProfile()).toBe(false);
    expect(profileCommits()).toBe(1);
  });

  it('waits as long as the Hub says when it is asked to', async () => {
    hub.fail(/POST .*\/preupload/, {
      ...{ kind: 'answer', when: 'before', status: 429 },
      headers: { ratelimit: '"api";r=0;t=55' },
    });
    expect(await putProfile()).toBe(true);
    expect(ground.waits).toEqual([{ reason: 'asked', waitMs: 55_000 }]);
  });

  it('is refused to a key that the Hub does not know', async () => {
    await expect(putProfile('hf_of_nobody')).rejects.toMatchObject({ code: 'STORE_KEY_REFUSED' });
  });
});
