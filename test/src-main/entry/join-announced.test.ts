import { describe, expect, it, vi } from 'vitest';
import { type JoinOptions, join } from '../../../src-main/commands/join.ts';
import { parseWords } from '../../../src-main/commands/parse.ts';
import type { Conversation } from '../../../src-main/entry/conversation.ts';
import { agreeToAnnounced } from '../../../src-main/entry/join-announced.ts';
import { summaryOf } from '../../../src-main/join/read-profile.ts';
import type { FoundRunView, JoinQuote } from '../../../src-shared/contract/page/join.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { hex, rao, ss58 } from '../../../src-shared/units.ts';

const me = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const made = practiceProfile({
  ...{ witness: me, ownerColdkey: me, genesis: hex('ab'.repeat(32)) },
  ...{ endpoint: 'ws://127.0.0.1:9944', bootstrap: [] },
});
const summary = summaryOf({ ...made, consensus: { ...made.consensus, name: 'evil\u001b[2Jname' } });
const profile = { kind: 'file', text: JSON.stringify(made) } as const;
const found: FoundRunView = { profile, summary, block: 3, store: 'hub:me/run' };
const quote = {
  hotkey: me,
  uid: null,
  registrationCostRao: rao(500_000_000n),
  freeRao: null,
} as unknown as JoinQuote;

async function agree(answer: string | null, ...more: string[]) {
  const words = ['--network', 'own=ws://127.0.0.1:9944', '--keys', '/keys', '--netuid', '38', ...more];
  const told: string[] = [];
  const ask = vi.fn(async () => answer ?? '');
  const host = { findRun: vi.fn(async () => found), quoteJoin: vi.fn(async () => quote) };
  const agreed = agreeToAnnounced(
    host,
    parseWords(join, words, 'refuse').said as JoinOptions,
    (line) => told.push(line),
    () => ({ ask }) as unknown as Conversation,
  );
  return { agreed: await agreed.catch((thrown: unknown) => thrown), told: told.join('\n'), ask, host };
}

describe('a run that is announced, at a terminal', () => {
  it('is shown with what it trains, what it pays for and what it costs, and then asked about', async () => {
    const { agreed, told, ask } = await agree('yes', '--headless');
    expect(agreed).toEqual({ profile, isAgreed: true });
    expect(ask).toHaveBeenCalledOnce();
    for (const words of [summary.hash, 'Steps 50 %', 'what comes with Butterfly', '0.5 TAO', 'hub:me/run'])
      expect(told).toContain(words);
    expect(told).not.toContain('\u001b');
  });

  it('is not joined without a yes', async () => {
    const { agreed } = await agree('y', '--headless');
    expect(agreed).toMatchObject({ code: 'CANCELLED' });
  });

  it('waits for the page where there is one', async () => {
    const { agreed, ask } = await agree(null);
    expect(agreed).toEqual({ profile, isAgreed: false });
    expect(ask).not.toHaveBeenCalled();
  });

  it('is agreed to by who names its hash', async () => {
    const { agreed, ask } = await agree(null, '--headless', '--accept', summary.hash.slice(0, 32));
    expect(agreed).toEqual({ profile, isAgreed: true });
    expect(ask).not.toHaveBeenCalled();
  });

  it('is refused where another hash was named', async () => {
    const { agreed } = await agree('yes', '--headless', '--accept', 'ef'.repeat(16));
    expect(agreed).toMatchObject({ code: 'RUN_HASH_OTHER', params: { found: summary.hash } });
  });
});
