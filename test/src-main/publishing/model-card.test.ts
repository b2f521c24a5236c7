import { describe, expect, it } from 'vitest';
import { lossChart, modelCard } from '../../../src-main/publishing/model-card.ts';
import { trainedOn } from '../../../src-main/publishing/trained-on.ts';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';

const { consensus } = liveProfile('gpt2-124m');
const described = {
  ...({ format: 1, kind: 'state', round: 7, tag: '1.8.20', appVersion: '1.2.3' } as const),
  run: { name: 'a run', profileHash: hex('ab'.repeat(32)) },
  baseDigest: hex('cd'.repeat(32)),
  hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58,
};
const fineweb = {
  kind: 'hub',
  id: 'HuggingFaceFW/fineweb',
  revision: 'main',
  path: 'sample/350BT',
  column: 'text',
  manifest: null,
} as const;
const card = (dataset: typeof consensus.dataset = fineweb, name = 'a run') =>
  modelCard(
    { ...described, run: { ...described.run, name }, trainedOn: trainedOn(dataset) },
    { model: consensus.model, dataset },
    [
      { atMs: 1, loss: 9 },
      { atMs: 2, loss: 4.5 },
    ],
  );

describe('the card of a published model', () => {
  it('names the text that it was trained on, its licence and whom it is owed to', () => {
    const text = card();
    expect(text).toContain('ODC-By 1.0');
    expect(text).toContain('FineWeb by Hugging Face');
    expect(text.split('---')[1]).toContain('- HuggingFaceFW/fineweb');
  });

  it('says what it says of the embedded text, and of files that nobody here knows', () => {
    expect(card({ kind: 'embedded', manifest: null, pageSequences: 1 })).toContain('PDDL 1.0');
    expect(card({ kind: 'files', name: 'letters', column: 'text', manifest: null })).toContain(
      'not known here',
    );
  });

  it('keeps a name of somebody else within its line', () => {
    const lines = card(fineweb, 'x\n## Buy <b>now</b>').split('\n');
    expect(lines.some((line) => line.startsWith('## Buy'))).toBe(false);
  });

  it('shows the loss where there is one to show', () => {
    expect(lossChart([{ atMs: 1, loss: 3 }])).toBeNull();
    const chart = lossChart([
      { atMs: 0, loss: 9 },
      { atMs: 50, loss: 6 },
      { atMs: 100, loss: 3 },
    ])!;
    expect(chart).toContain('points="40.0,40.0 320.0,120.0 600.0,200.0"');
    expect(card()).toContain('4.5000');
  });
});
