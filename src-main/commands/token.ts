import { TOKEN_NAME, type TokenKind, tokenKinds } from '../../src-shared/contract/page/tokens.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption, type Word } from './option.ts';
import { dataDir } from './shared-options.ts';
import { oneOf, type Value } from './values.ts';

const actions = ['list', 'set', 'forget'] as const;

/** What a token is called on this computer. */
export const tokenName: Value<string> = {
  name: 'NAME',
  expected: 'a name of small letters, digits and dashes',
  read: (text) => (TOKEN_NAME.test(text) ? text : null),
};

/** What services know this user by. The value itself is no part of a command line, where every program could read it. */
export const token = command({
  name: 'token',
  summary: 'List, set or forget tokens of services: Hugging Face Hub, Weights & Biases, S3.',
  words: {
    action: { help: 'What to do.', value: oneOf(actions.join('|'), actions) } as Word<
      (typeof actions)[number]
    >,
    name: {
      help: 'With set and forget: what it is called here; hub, wandb and s3 say their kind as well.',
      value: tokenName,
    } as Word<string>,
  },
  options: {
    kind: {
      name: '--kind',
      help: 'With set: the kind of service, where the name does not say it.',
      value: oneOf<TokenKind>(tokenKinds.join('|'), tokenKinds),
    } as ValueOption<TokenKind>,
    json: { name: '--json', help: 'With list: print it as JSON.' } as SwitchOption,
    dataDir,
  },
  more: [
    'It is asked for, and not shown while it is typed. From a pipe it is one line; of s3 the access key, then the secret',
    'key, a line each. A running Butterfly uses it from its next upload on.',
  ],
  rules: [
    { kind: 'demands', key: 'action' },
    { kind: 'excludes', key: 'json', other: 'kind' },
  ],
});

export type TokenOptions = SaidOf<typeof token>;
