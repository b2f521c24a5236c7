import { describe, expect, it } from 'vitest';
import { inWordsOf, programName } from '../../../src-main/commands/program.ts';
import { errorCatalogue } from '../../../src-shared/errors/catalogue.ts';

describe('the name of the program', () => {
  it('is that by which it was called', () => {
    expect(programName({})).toBe('npm start --');
    expect(programName({ BUTTERFLY_CALLED_AS: 'butterfly' })).toBe('butterfly');
    expect(programName({ BUTTERFLY_CALLED_AS: 'rm -rf /' })).toBe('npm start --');
  });

  it('stands in all advice', () => {
    expect(inWordsOf('butterfly', 'Start it with npm start, or ask: npm start -- status --json')).toBe(
      'Start it with butterfly, or ask: butterfly status --json',
    );
    for (const { action } of Object.values(errorCatalogue))
      expect(inWordsOf('butterfly', action)).not.toContain('npm start');
    expect(inWordsOf('npm start --', 'npm start -- status')).toBe('npm start -- status');
  });
});
