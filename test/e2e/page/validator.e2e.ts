import { describe, expect, it } from 'vitest';
import type { ValidationView } from '../../../src-shared/contract/page/validation.ts';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import { executablePath, pageRig } from './rig.ts';
import * as scenes from './scenes.ts';
import { judged, NEURONS, needsBeside, needsInstead, validating, without } from './validator-scenes.ts';

const now = Date.now();
const tall = { width: 1280, height: 1_600 };

describe.skipIf(!executablePath)('the screen Validator', () => {
  const rig = pageRig();
  const grid = () => rig.page.getByRole('grid', { name: 'Scores of all uids' });
  const rowCount = () => grid().getAttribute('aria-rowcount');
  const row = (at: number) => grid().getByRole('row').nth(at);

  async function open(
    seen: ValidationView = judged(now),
    view = validating(now),
    viewport = tall,
  ): Promise<void> {
    rig.host.answer('validation', seen);
    await rig.open(view, { viewport, screen: 'validator' });
    await rig.page.getByRole('heading', { name: 'Everybody on the subnet' }).waitFor();
    // Those who have scores are there at once, all others with the chain's answer.
    await expect.poll(rowCount).toBe(String(seen.neurons.length + 1));
  }
  /** A rail of words that a pointer may have covered: keys alone lead to the grid. */
  async function focusGrid(): Promise<void> {
    await grid().getByRole('columnheader').first().getByRole('button').focus();
  }

  it('shows all 64 uids with every part of the score, reason, check and the chain’s own figures', async () => {
    await open();
    expect(await rowCount()).toBe(String(NEURONS + 1));
    await rig.page.getByText('58 of 64 scored').waitFor();
    const heads = (await grid().getByRole('columnheader').allTextContents()).map((text) =>
      text.replace(/[▾▴]/, ''),
    );
    const { model } = scenes.mineOf(validating(now)).scores ?? {};
    expect(heads).toEqual([
      ...['uid', 'hotkey', 'role', 'score', 'average', 'weight'],
      ...(model?.terms ?? []).map(({ label }) => label),
      ...['what speaks against it', 'last check', 'trust', 'consensus', 'incentive'],
    ]);
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`validator-${theme}`);
    });
  });

  it('is sorted by keys alone, and its rows open what a score rests on', async () => {
    await open();
    await focusGrid();
    for (let column = 0; column < 7; column++) await rig.page.keyboard.press('ArrowRight');
    const gradient = grid().getByRole('columnheader', { name: 'Gradient' });
    await rig.page.keyboard.press('Enter');
    await expect.poll(() => gradient.getAttribute('aria-sort')).toBe('descending');
    await rig.page.keyboard.press('Enter');
    await expect.poll(() => gradient.getAttribute('aria-sort')).toBe('ascending');
    expect(await row(1).textContent()).toMatch(
      /Gradient: 10 micro-batches recomputed; they agree by only 0\.11/,
    );
    await rig.page.keyboard.press('ArrowDown');
    await rig.page.keyboard.press('Enter');
    const dialog = rig.page.getByRole('dialog', { name: 'Why these scores' });
    await dialog.getByRole('table').waitFor();
    await dialog.getByText(/What the validator wrote down about/).waitFor();
    // Of the one that was refused, whose row was the first.
    await dialog.getByText('about 5zz9…1174').waitFor();
    await rig.shoot('validator-evidence');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });

  it('says of who stood on another model, or showed none, what it was asked for', async () => {
    await open();
    await focusGrid();
    const { model } = scenes.mineOf(validating(now)).scores ?? {};
    const place = 6 + (model?.terms ?? []).findIndex(({ id }) => id === 'honesty');
    for (let column = 0; column < place; column++) await rig.page.keyboard.press('ArrowRight');
    const honesty = grid().getByRole('columnheader', { name: 'Honesty' });
    for (const order of ['descending', 'ascending']) {
      await rig.page.keyboard.press('Enter');
      await expect.poll(() => honesty.getAttribute('aria-sort')).toBe(order);
    }
    const said = [await row(1).textContent(), await row(2).textContent()].toSorted();
    // The column shows only how a sentence begins: that tells them apart.
    expect(said).toEqual([
      expect.stringMatching(/Honesty: Another model than the one that the round began with/),
      expect.stringMatching(/Honesty: No piece of the model .* 3 of the last 9 looks at its work/),
    ]);
    await rig.shoot('validator-honesty');
  });

  it('is entered by Tab at its end where it has become shorter', async () => {
    rig.host.refuse('validation', { code: 'CHAIN_UNREACHABLE', params: { endpoint: 'wss://node.example' } });
    const view = validating(now);
    await rig.open(view, { viewport: tall, screen: 'validator' });
    await focusGrid();
    await rig.page.keyboard.press('Control+End');
    const { scores } = scenes.mineOf(view);
    const few = scores && { ...scores, all: scores.all.slice(0, 3) };
    rig.host.show(scenes.changed(view, { scores: few }));
    await expect.poll(rowCount).toBe('4');
    expect(await grid().locator('[tabindex="0"]').count()).toBe(1);
  });

  it('says how far the seat is from others, when weights count, and who agrees', async () => {
    await open();
    const seat = rig.page.getByRole('region', { name: 'Permit and stake' });
    await seat.getByText('4 of 4').waitFor();
    await seat.getByText('α 7,000.0000').waitFor();
    await seat.getByText('ahead of the best without').waitFor();
    const clock = rig.page.getByRole('region', { name: 'When weights count' });
    await clock.getByText('may be set now', { exact: true }).first().waitFor();
    await clock.getByText('4,819, in 6 s').waitFor();
    const agreement = rig.page.getByRole('region', { name: 'Agreement with others' });
    await agreement.getByText('median 0.95').waitFor();
    expect(await agreement.getByRole('row').nth(3).textContent()).toMatch(/no order to compare/);
    const cost = rig.page.getByRole('region', { name: 'What checking costs' });
    expect(await cost.textContent()).toMatch(/since Nov 2, 00:00 UTC.*3 min.*39\.1 MiB.*118.*37/s);
    const witness = rig.page.getByRole('region', { name: 'As witness' });
    await witness.getByText('a witness, one of 3').waitFor();
    expect(await witness.getByRole('row').nth(3).textContent()).toMatch(
      /a chunk was wrong.*the standing base, written.*void.*is not the mean.*signed two words of one round/,
    );
  });

  it('says what it lacks to a permit, what waits under a lock, and shows nothing unknown as zero', async () => {
    await open(without(now));
    const seat = rig.page.getByRole('region', { name: 'Permit and stake' });
    await seat.getByText('α 5,000.0000').waitFor();
    const clock = rig.page.getByRole('region', { name: 'When weights count' });
    await clock.getByText('may be set in 103 blocks').waitFor();
    await clock.getByText(/block 4,810, to be opened at 5,460, in 11 min/).waitFor();
    await rig.page
      .getByText('Not known: no other validator has weights on chain that can be read.')
      .waitFor();
    expect(await row(1).textContent()).not.toMatch(/\b0 %/);
    await rig.shoot('validator-without');
  });

  it('shows a miner the validator that it reads, and says why the chain cannot be read', async () => {
    rig.host.refuse('validation', { code: 'CHAIN_UNREACHABLE', params: { endpoint: 'wss://node.example' } });
    await rig.open(scenes.training(now), { screen: 'validator' });
    await rig.page.getByText('This run mines. Shown is the validator').waitFor();
    await rig.page.getByRole('alert').filter({ hasText: 'node.example' }).waitFor();
    await expect.poll(() => grid().getByRole('row').count()).toBe(5);
    await rig.page.getByText('What a witness signed is known on its own computer alone.').waitFor();
    await rig.page.getByText('What checking costs is known on the validator’s own computer alone.').waitFor();
    await rig.shoot('validator-read-only');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });

  it('leads to Home where no run is at work', async () => {
    await rig.open(scenes.idle(), { screen: 'validator' });
    await rig.page.getByRole('link', { name: 'To Home, where one is started' }).waitFor();
  });

  it('fits every width with 64 uids', async () => {
    await open(judged(now), validating(now), { width: 1280, height: 800 });
    for (const size of [
      { width: 320, height: 640 },
      { width: 640, height: 400 },
      { width: 900, height: 700 },
      { width: 1280, height: 800 },
    ]) {
      await rig.page.setViewportSize(size);
      await rig.page.evaluate(inPage.scrollToEnd);
      expect({ size, ...(await rig.page.evaluate<inPage.Measured>(inPage.measured)) }).toEqual({
        size,
        ...inPage.fitting,
      });
    }
    await rig.page.setViewportSize({ width: 480, height: 2_400 });
    await rig.shoot('validator-480');
  });
});

describe.skipIf(!executablePath)('becoming a validator', () => {
  const rig = pageRig();
  const dialog = () => rig.page.getByRole('dialog', { name: 'Become a validator' });

  async function ask(): Promise<void> {
    rig.host.answer('validation', judged(now));
    await rig.open(scenes.training(now), { screen: 'validator' });
    await rig.page.getByRole('button', { name: 'Become a validator…' }).click();
    await dialog().getByRole('heading', { name: 'What it takes' }).waitFor();
  }

  it('says first what it takes and costs, each need by itself, then begins and leads there', async () => {
    rig.host.answer('validatorNeeds', needsBeside);
    rig.host.answer('becomeValidator', scenes.other);
    await ask();
    expect(await dialog().getByText('met', { exact: true }).count()).toBe(5);
    await dialog()
      .getByText('Checking one miner takes this engine about 0.3 s; all 4 take 1.2 s of the 5.0 s')
      .waitFor();
    await dialog().getByText('τ 4.9000').waitFor();
    await rig.inBothThemes(async (theme) => {
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.shoot(`become-${theme}`);
    });
    expect(rig.argsOf('becomeValidator')).toEqual([]);
    await dialog().getByRole('button', { name: 'Begin to validate' }).click();
    await expect.poll(() => rig.argsOf('becomeValidator')).toEqual([[scenes.me]]);
    await expect.poll(() => rig.page.url()).toContain(`#/validator/${scenes.other}`);
  });

  it('does not begin while something that it must have is lacking, and says what to do', async () => {
    rig.host.answer('validatorNeeds', needsInstead);
    await ask();
    await dialog()
      .getByText(/It lacks α 1,204\.5000 to pass the lowest of 64/)
      .waitFor();
    await dialog().getByText('not met', { exact: true }).first().waitFor();
    expect(await dialog().getByText('not known', { exact: true }).count()).toBe(1);
    expect(await dialog().getByRole('button', { name: 'Begin to validate' }).isDisabled()).toBe(true);
    await rig.page.setViewportSize({ width: 320, height: 640 });
    expect(await rig.page.evaluate(inPage.dialogMeasured)).toEqual({ widerBy: 0, outBy: 0 });
    await rig.shoot('become-lacking-320');
    rig.host.answer('validatorNeeds', { ...needsInstead, mayBegin: true });
    await expect
      .poll(() => dialog().getByRole('button', { name: 'Begin to validate' }).isEnabled(), {
        timeout: 10_000,
      })
      .toBe(true);
  });

  it('tells a refusal where others are told', async () => {
    rig.host.answer('validatorNeeds', needsBeside);
    await ask();
    rig.host.refuse('becomeValidator', { code: 'VALIDATOR_NEEDS_LACKING', params: { need: 'disk' } });
    await dialog().getByRole('button', { name: 'Begin to validate' }).click();
    await rig.page.getByText('Nothing was begun or paid').waitFor();
    expect(rig.page.url()).not.toContain(scenes.other);
  });

  it('leads to the own validator that is there already', async () => {
    const view = scenes.twoRuns(now);
    rig.host.answer('validation', judged(now));
    await rig.open(view, { screen: `validator/${scenes.me}` });
    await rig.page.getByRole('link', { name: 'To its screen' }).click();
    await expect.poll(() => rig.page.url()).toContain(`#/validator/${scenes.other}`);
    expect(await rig.page.getByRole('button', { name: 'Become a validator…' }).count()).toBe(0);
  });
});
