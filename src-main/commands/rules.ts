import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Command, Rule } from './option.ts';
import type { Parsed } from './parse.ts';

/** @throws {AppError} OPTION_MISSING, OPTION_NEEDS, OPTIONS_EXCLUDE */
export function checkRules(command: Command, said: Parsed['said']): void {
  for (const rule of command.rules ?? []) checkRule(command, said, rule);
}

function checkRule({ name, options, words }: Command, said: Parsed['said'], rule: Rule): void {
  const isSaid = (key: string) => said[key] !== null && said[key] !== false;
  const nameOf = (key: string) => options[key]?.name ?? words?.[key]?.value.name ?? key;
  const option = nameOf(rule.key);
  if (rule.kind === 'demands') {
    const any = [rule.key, ...(rule.or === undefined ? [] : [rule.or])];
    if (!any.some(isSaid))
      throw new AppError('OPTION_MISSING', { command: name, option: any.map(nameOf).join(' or ') });
    return;
  }
  if (!isSaid(rule.key)) return;
  if (rule.kind === 'needs') {
    const others = [rule.other].flat();
    if (!others.some(isSaid))
      throw new AppError('OPTION_NEEDS', { option, needed: others.map(nameOf).join(' or ') });
  } else if (isSaid(rule.other)) throw new AppError('OPTIONS_EXCLUDE', { option, other: nameOf(rule.other) });
}
