import { afterEach, expect, it, vi } from 'vitest';
import { print, printError } from '../../../src-main/entry/terminal.ts';

afterEach(() => vi.restoreAllMocks());

it('says lines that move no cursor, whoever wrote the names in them', () => {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  print('run \u001b[2Jof\r a stranger');
  printError('it \u001b]0;title\u0007failed');
  expect(said).toEqual(['run of a stranger\n', 'it failed\n']);
});
