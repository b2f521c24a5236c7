import type { ReadStream } from 'node:tty';
import { orAbort } from '../../src-node/waits.ts';
import {
  type TokenKeeping,
  type TokenKind,
  type TokenSecret,
  type TokenView,
  tokenKinds,
} from '../../src-shared/contract/page/tokens.ts';
import { AppError, describeError } from '../../src-shared/errors/app-error.ts';
import type { TokenOptions } from '../commands/token.ts';
import { defaultDataDir } from '../data-folder.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../vault/limits.ts';
import { secretOfText } from '../vault/tokens/secret-text.ts';
import { openTokens, type Tokens } from '../vault/tokens.ts';
import { type Conversation, terminalConversation } from './conversation.ts';
import { print, printError } from './terminal.ts';

const KINDS: Readonly<Record<TokenKind, string>> = {
  hub: 'Hugging Face Hub',
  wandb: 'Weights & Biases',
  s3: 'S3-compatible store',
};
const KEPT: Readonly<Record<TokenKeeping, string>> = {
  file: 'in a file that only you may read',
  keychain: 'locked by the keychain of the Butterfly app',
  service: 'handed to this service by the system',
};
const QUESTIONS: Readonly<Record<TokenKind, readonly string[]>> = {
  hub: ['Access token of the Hub (nothing is shown):'],
  wandb: ['API key of Weights & Biases (nothing is shown):'],
  s3: ['Access key (nothing is shown):', 'Secret key (nothing is shown):'],
};

/**
 * Lists, sets or forgets tokens of a data folder, beside a host that may have it open. What is set here lies in a file of
 * mode 0600: the keychain is the app's.
 * @returns the exit code
 */
export async function tokenAtTerminal(said: TokenOptions, signal: AbortSignal): Promise<number> {
  const tokens = openTokens({
    dataDir: said.dataDir ?? defaultDataDir(),
    credentialsDir: process.env.CREDENTIALS_DIRECTORY,
    now: Date.now,
    signal,
    told: (error) => printError(describeError(error).sentence),
  });
  demandUsed(said);
  if (said.action === 'list') for (const line of listed(await tokens.list(), said.json)) print(line);
  else if (said.name === null)
    throw new AppError('OPTION_MISSING', { command: `token ${said.action}`, option: 'NAME' });
  else if (said.action === 'set') await set(tokens, said.name, kindOf(said.name, said.kind), signal);
  else {
    await tokens.forget(said.name);
    print(`The token “${said.name}” is forgotten here. Its service still takes it: withdraw it there too.`);
  }
  return 0;
}

/** What could have no effect is refused. @throws {AppError} OPTION_NEEDS, WORD_UNEXPECTED */
function demandUsed({ action, name, kind, json }: TokenOptions): void {
  if (json && action !== 'list') throw new AppError('OPTION_NEEDS', { option: '--json', needed: 'list' });
  if (kind && action !== 'set') throw new AppError('OPTION_NEEDS', { option: '--kind', needed: 'set' });
  if (name !== null && action === 'list')
    throw new AppError('WORD_UNEXPECTED', { word: name, command: 'token list' });
}

function kindOf(name: string, kind: TokenKind | null): TokenKind {
  const found = kind ?? tokenKinds.find((one) => one === name);
  if (!found) throw new AppError('OPTION_MISSING', { command: 'token set', option: '--kind' });
  return found;
}

async function set(tokens: Tokens, name: string, kind: TokenKind, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process;
  const secret = stdin.isTTY
    ? await typedSecret(kind, terminalConversation(stdin, stdout, signal))
    : await pipedSecret(kind, stdin, signal);
  await tokens.set(name, secret);
  print(`The token “${name}” (${KINDS[kind]}) is kept ${KEPT.file}.`);
}

/** @throws {AppError} TOKEN_INVALID, CANCELLED */
export async function typedSecret(kind: TokenKind, talk: Conversation): Promise<TokenSecret> {
  const lines: string[] = [];
  for (const question of QUESTIONS[kind]) {
    const typed = await talk.askHidden(question);
    lines.push(new TextDecoder().decode(typed).trim());
    typed.fill(0);
  }
  return demand(kind, lines.join('\n'));
}

/** @throws {AppError} TOKEN_INVALID, CANCELLED */
export async function pipedSecret(
  kind: TokenKind,
  input: AsyncIterable<Uint8Array> | ReadStream,
  signal: AbortSignal,
): Promise<TokenSecret> {
  return demand(kind, await orAbort(textWithin(kind, input), signal));
}

async function textWithin(kind: TokenKind, input: AsyncIterable<Uint8Array> | ReadStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > TOKEN_TEXT_BYTES_MAX) throw new AppError('TOKEN_INVALID', { kind });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function demand(kind: TokenKind, text: string): TokenSecret {
  const secret = secretOfText(kind, text);
  if (!secret) throw new AppError('TOKEN_INVALID', { kind });
  return secret;
}

function listed(tokens: readonly TokenView[], json: boolean): readonly string[] {
  if (json) return [JSON.stringify(tokens, null, 2)];
  if (tokens.length === 0) return ['No token is kept here.'];
  return tokens.map(({ name, kind, keptBy }) => `${name}  ${KINDS[kind]}, ${KEPT[keptBy]}`);
}
