import { afterEach, describe, expect, it } from 'vitest';
import { programOf } from '../../../src-main/commands/program.ts';
import { describeError } from '../../../src-shared/errors/app-error.ts';
import { type ErrorCode, errorCatalogue } from '../../../src-shared/errors/catalogue.ts';
import { callProgram, inOwnWords, programNames } from '../../../src-shared/program-name.ts';

afterEach(() => callProgram('npm start --'));

describe('the name of the program', () => {
  it('is that by which it was called', () => {
    expect(programOf({})).toBe('npm start --');
    expect(programOf({ BUTTERFLY_CALLED_AS: 'butterfly' })).toBe('butterfly');
    expect(programOf({ BUTTERFLY_CALLED_AS: 'rm -rf /' })).toBe('npm start --');
  });

  it.each([
    ['npm start --', 'Start it with npm start, or ask: npm start -- status --json'],
    ['butterfly', 'Start it with butterfly, or ask: butterfly status --json'],
  ] as const)('stands in advice as %s', (name, said) => {
    callProgram(name);
    expect(inOwnWords('Start it with {start}, or ask: {program} status --json')).toBe(said);
  });

  it.each(programNames)('%s is the only one in every sentence of an error', (name) => {
    callProgram(name);
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      const { sentence, action } = describeError({ code, params: {} });
      const said = `${sentence} ${action}`;
      expect(said, code).not.toMatch(/\{(?:program|start)\}/);
      if (name === 'butterfly') expect(said, code).not.toMatch(/npm (?:start|run (?!build))/);
      else expect(said, code).not.toMatch(/\bbutterfly [a-z]/);
    }
  });

  it('is never written down in the catalogue itself', () => {
    const texts = Object.values(errorCatalogue).map(({ sentence, action }) => `${sentence} ${action}`);
    expect(texts.filter((text) => /npm (?:start|run (?!build))/.test(text))).toEqual([]);
  });
});
