import { command, type SaidOf, type Word } from './option.ts';
import { oneOf } from './values.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shells)[number];

/** What lets a shell complete our words. */
export const completion = command({
  name: 'completion',
  summary: 'Print what lets your shell complete these commands and options.',
  words: {
    shell: { help: 'Which shell.', value: oneOf(shells.join('|'), shells) } as Word<ShellName>,
  },
  options: {},
  more: [
    'bash   butterfly completion bash > ~/.local/share/bash-completion/completions/butterfly',
    'zsh    butterfly completion zsh > a file named _butterfly in a folder of your $fpath',
    'fish   butterfly completion fish > ~/.config/fish/completions/butterfly.fish',
    'It completes the word butterfly, as an installed Butterfly is called.',
  ],
  rules: [{ kind: 'demands', key: 'shell' }],
});

export type CompletionOptions = SaidOf<typeof completion>;
