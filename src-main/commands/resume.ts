import { command, type SaidOf } from './option.ts';
import { dataDir } from './shared-options.ts';

export const resume = command({
  name: 'resume',
  summary: 'Go on after a pause.',
  options: { dataDir },
});

export type ResumeOptions = SaidOf<typeof resume>;
