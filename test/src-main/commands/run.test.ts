import { describe, expect, it } from 'vitest';
import { parseWords } from '../../../src-main/commands/parse.ts';
import { checkRules } from '../../../src-main/commands/rules.ts';
import { type RunOptions, run } from '../../../src-main/commands/run.ts';
import { checkAct } from '../../../src-main/commands/run-acts.ts';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';
function said(...words: string[]): RunOptions {
  const parsed = parseWords(run, words, 'refuse').said;
  checkRules(run, parsed);
  checkAct(parsed as RunOptions);
  return parsed as RunOptions;
}
const owner = ['--network', 'own=ws://127.0.0.1:9944', '--wallet', 'mine'];
const refusal = (code: string, params: object = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });

describe('the words of run', () => {
  it('name an act and its file', () => {
    expect(said('create', './p.json', ...owner, '--netuid', '7', '--witnesses', '3')).toMatchObject({
      act: 'create',
      file: expect.stringMatching(/\/p\.json$/),
      netuid: 7,
      witnesses: 3,
    });
    expect(said('publish', './p.json', '--store', 'hub:me/run', '--token', 'mine')).toMatchObject({
      store: { kind: 'hub', repository: 'me/run' },
      token: 'mine',
    });
  });

  it.each([
    [['pin'], 'FILE', 'run pin'],
    [['publish', './p.json'], '--store', 'run publish'],
    [['announce', './p.json', '--store', 'hub:me/run', '--network', 'finney'], '--wallet', 'run announce'],
    [['start', ...owner], '--netuid', 'run start'],
  ])('%j miss %s', (words, option, command) => {
    expect(() => said(...words)).toThrow(refusal('OPTION_MISSING', { option, command }));
  });

  it.each([
    [['pin', './p.json', '--store', 'hub:me/run'], '--store'],
    [['show', './p.json', '--dry-run'], '--dry-run'],
    [['announce', './p.json', '--store', 'hub:me/run', ...owner, '--token', 'mine'], '--token'],
    [['withdraw', './p.json', ...owner, '--netuid', '7'], 'FILE'],
  ])('%j say something that would have no effect', (words, option) => {
    expect(() => said(...words)).toThrow(refusal('OPTION_WITHOUT_EFFECT', { option }));
  });

  it.each(['2', '0', '17', `${ALICE},${BOB}`, `${ALICE},${ALICE},${ALICE}`, `${ALICE},`, 'all'])(
    'take no %s for witnesses: an odd number of them decides',
    (text) => {
      expect(() => said('create', './p.json', ...owner, '--netuid', '7', '--witnesses', text)).toThrow(
        refusal('OPTION_INVALID'),
      );
    },
  );
});
