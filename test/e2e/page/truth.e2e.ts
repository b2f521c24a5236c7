import { describe, expect, it } from 'vitest';
import type { SetupStep } from '../../../src-shared/contract/page/runs.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig } from './rig.ts';
import {
  changed,
  committedWeights,
  mineOf,
  missed,
  paused,
  resting,
  silentChain,
  taken,
  training,
  validating,
} from './scenes.ts';

describe.skipIf(!executablePath)('what the page says is so', () => {
  const rig = pageRig();
  const main = () => rig.page.locator('main');
  const bodyText = () => main().innerText();

  it('gives a rate only while steps are taken', async () => {
    await rig.open(resting(Date.now()));
    await rig.page.getByText('Waiting for the average').first().waitFor();
    await rig.page.getByText('all 64 steps of round 41 are done').waitFor();
    expect(await bodyText()).not.toContain('tokens/s');
    await rig.shoot('resting-light');
    rig.host.showMine({ activity: { kind: 'busy', with: 'checks' } });
    await main().getByText('Checking others’ work').waitFor();
    expect(await bodyText()).not.toContain('tokens/s');
    rig.host.showMine({ activity: { kind: 'training' } });
    await rig.page.getByText('1,284 tokens/s').waitFor();
  });

  it('says why no text comes, until when, and what is trained on meanwhile', async () => {
    await rig.open(training(Date.now()));
    const wait = { reason: 'rate-limit', host: 'huggingface.co', untilMs: Date.now() + 271_000 } as const;
    rig.host.showMine({ text: { wait, isUnassigned: true, keptBytes: 3e9, keptPages: 1_500 } });
    await main().getByText('waits for huggingface.co until').waitFor();
    await main().getByText('other text meanwhile, unpaid').waitFor();
    await rig.shoot('text-waits-light');
    await rig.page.setViewportSize({ width: 360, height: 740 });
    await rig.shoot('text-waits-narrow');
    rig.host.showMine({ text: { wait: null, isUnassigned: false, keptBytes: 3e9, keptPages: 1_500 } });
    await main().getByText('2.8 GiB of text kept').waitFor();
    expect(await bodyText()).not.toContain('unpaid');
  });

  it('calls an own pause a pause, and no score refused', async () => {
    await rig.open(paused(Date.now()));
    await rig.page.getByText('No score while you rest', { exact: true }).waitFor();
    await rig.page.getByText('Paused: no score while you rest.').waitFor();
    expect(await bodyText()).not.toContain('Gradient refused');
  });

  it('keeps the last still and says of the newer round that one was not in it, and why', async () => {
    await rig.open(missed(Date.now()));
    await rig.page.getByText('Round 40, the last average').waitFor();
    await rig.page.getByText('You were not in round 41. Its list of members was made without you.').waitFor();
    await rig.shoot('missed-light');
  });

  it('draws no arcs for a validator that has no bytes to move', async () => {
    await rig.open(validating(Date.now()));
    await rig.page.getByText('Is it working?').waitFor();
    const own = rig.page.getByRole('row').filter({ hasText: 'validator' });
    expect(await own.first().innerText()).not.toContain('has not said');
    expect(await rig.page.getByText(/0 of 0/).count()).toBe(0);
    await main().getByText('A validator measures the others.').waitFor();
    // It took part in every round; nothing was missed.
    expect(await bodyText()).not.toContain('You were not in');
    expect(await main().getByTitle('without you').count()).toBe(0);
    expect(await rig.page.locator('main canvas').count()).toBe(1);
  });

  it('says of a validator’s weights that they lie on chain under a lock, and when that opens', async () => {
    await rig.open(committedWeights(Date.now()));
    await main().getByText('Weights committed in block 4,790, to be opened about block 4,815').waitFor();
    await rig.shoot('weights-committed-light');
  });

  it('says since when the chain is silent, and counts no block on', async () => {
    await rig.open(silentChain(Date.now()));
    await rig.page.getByText(/chain silent since \d/).waitFor();
    await main().getByText('The chain is silent').waitFor();
    await rig.shoot('chain-silent-light');
  });

  it('says who has the number of the subnet now', async () => {
    await rig.open(taken(Date.now()));
    await rig.page
      .getByText('Subnet 38 is now “Somebody Else’s Subnet”, not “Distributed Training”.')
      .first()
      .waitFor();
    await rig.shoot('subnet-taken-light');
  });

  it('does not wait again for what a run has been through', async () => {
    const setup: SetupStep[] = [
      { id: 'engine', state: 'done', detail: null },
      { id: 'round', state: 'waiting', detail: null },
      { id: 'scores', state: 'waiting', detail: null },
      { id: 'earnings', state: 'working', detail: { code: 'pays-at-epoch-end', params: {} } },
    ];
    await rig.open(changed(training(Date.now()), { setup }));
    await rig.page.getByText('Is it working?').waitFor();
    expect(await rig.page.getByText('Getting ready').count()).toBe(0);
  });

  it('says that a start waits for a silent chain, and is tried again', async () => {
    const error = { code: 'CHAIN_UNREACHABLE', params: { endpoint: 'wss://a.example' } } as const;
    const worker = { kind: 'waiting', for: 'chain', error } as const;
    const started = { setup: [], training: null, round: null, chain: null };
    await rig.open(changed(training(Date.now()), { ...started, worker }));
    await main().getByRole('heading', { name: 'Waiting for the chain' }).waitFor();
    expect(await bodyText()).toContain('The chain at wss://a.example does not answer.');
    expect(await bodyText()).toContain('tries again by itself');
    expect(await bodyText()).not.toContain('Preparing');
    expect(await rig.page.getByRole('button', { name: 'Pause' }).isEnabled()).toBe(true);
    await rig.shoot('start-waits-light');
  });

  it('ends its set-up without moving what is read', async () => {
    const view = training(Date.now());
    const working: SetupStep = { id: 'peers', state: 'working', detail: null };
    await rig.open(changed(view, { setup: [working] }));
    await rig.page.getByText('Getting ready').waitFor();
    await rig.page.evaluate(inPage.settled);
    await rig.page.evaluate(inPage.watchStillness);
    rig.host.showMine({ setup: [{ ...working, state: 'done' }] });
    await rig.page.getByText('Everything runs').waitFor();
    await rig.page.evaluate(inPage.settled);
    expect(await rig.page.evaluate(inPage.layoutShift)).toBeLessThan(0.001);
  });

  it('names a stopped page stopped, and keeps its old words readable', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await rig.open(training(Date.now()), { colorScheme });
      await rig.page.getByText('Is it working?').waitFor();
      expect(await rig.page.title()).toBe('Training · Butterfly');
      await rig.host.stop();
      await rig.page.getByText('Butterfly is not running').waitFor();
      expect(await rig.page.title()).toBe('Stopped · Butterfly');
      const { ratio, text } = (await rig.page.evaluate(inPage.lowestContrast)) as {
        ratio: number;
        text: string;
      };
      expect({ text, enough: ratio >= 4.5 }).toEqual({ text, enough: true });
      await rig.startHostAgain();
      await rig.page.getByText('Butterfly is not running').waitFor({ state: 'hidden' });
      rig.forgive();
    }
  });

  it('has a sentence behind each word of the field, by key alone', async () => {
    await rig.open(training(Date.now()));
    const word = rig.page.getByRole('button', { name: 'immune' });
    await word.focus();
    await rig.page.keyboard.press('Enter');
    const sentence = main().getByText('A new member keeps its place for a while, whatever its scores.');
    await expect.poll(() => sentence.isVisible()).toBe(true);
    await rig.shoot('term-light');
    await rig.page.keyboard.press('Escape');
    await expect.poll(() => sentence.isVisible()).toBe(false);
  });

  it('copies a whole address', async () => {
    await rig.open(training(Date.now()));
    await rig.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await rig.page.getByRole('button', { name: 'Copy the hotkey' }).click();
    const copied = () => rig.page.evaluate('navigator.clipboard.readText()');
    await expect.poll(copied).toBe(mineOf(training(0)).wallet?.hotkey);
  });

  it('asks for no frame while nothing happens, or only the block counts on', async () => {
    const view = training(Date.now());
    const { chain, round } = mineOf(view);
    await rig.open(view);
    await rig.page.getByText('Is it working?').waitFor();
    await rig.page.evaluate(inPage.settled);
    await rig.page.evaluate(inPage.drawnOut);
    await rig.page.evaluate(inPage.watchStillness);
    await rig.page.evaluate(inPage.aSecondLater);
    expect(await rig.page.evaluate(inPage.framesAsked)).toBe(0);
    for (const more of [1, 2, 3]) {
      rig.host.showMine({
        chain: chain && {
          ...chain,
          blockMs: chain.blockMs + more,
          block: chain.block + more,
          finalizedBlock: chain.finalizedBlock + more,
        },
        round: round && { ...round, blockInRound: round.blockInRound + more },
      });
      await rig.page
        .getByText(`4,81${2 + more}`)
        .first()
        .waitFor();
    }
    expect(await rig.page.evaluate(inPage.framesAsked)).toBe(0);
  });
});
