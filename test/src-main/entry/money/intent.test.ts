import { expect, it } from 'vitest';
import { readCommandLine } from '../../../../src-main/commands/command-line.ts';
import { isMoney, type MoneyCommand } from '../../../../src-main/commands/table.ts';
import { intentOf } from '../../../../src-main/entry/money/intent.ts';
import type { WalletSummary } from '../../../../src-shared/contract/page/money.ts';
import { ss58 } from '../../../../src-shared/units.ts';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const MINE = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
const ON = '--network finney --wallet mine';

function asked(line: string): MoneyCommand {
  const read = readCommandLine(line.split(' '));
  if (read.kind !== 'run' || !isMoney(read.asked)) throw new Error('no such command');
  return read.asked;
}
const hotkey = (name: string, address: string | null) => ({
  ...{ name, address: address === null ? null : ss58(address), fault: null },
});
type Named = Pick<WalletSummary, 'name' | 'hotkeys'>;
const one: Named = { name: 'mine', hotkeys: [hotkey('work', ALICE), hotkey('locked', null)] };
const many: Named = { name: 'mine', hotkeys: [hotkey('default', MINE), hotkey('work', ALICE)] };

it.each([
  [
    `stake ${ON} --netuid 38 --amount 1.5`,
    { kind: 'stake', netuid: 38, hotkey: ALICE, amountRao: 1_500_000_000n, toleranceBps: 100 },
  ],
  [
    `stake ${ON} --netuid 38 --amount all`,
    { kind: 'stake', netuid: 38, hotkey: ALICE, amountRao: 'all', toleranceBps: 100 },
  ],
  [
    `unstake ${ON} --netuid 38 --amount all --tolerance 0.25 --hotkey work`,
    { kind: 'unstake', netuid: 38, hotkey: ALICE, amountAlpha: 'all', toleranceBps: 25 },
  ],
  [
    `unstake ${ON} --netuid 0 --amount 0.000000001 --hotkey ${MINE}`,
    { kind: 'unstake', netuid: 0, hotkey: MINE, amountAlpha: 1n, toleranceBps: 100 },
  ],
  [`transfer ${ON} --to ${ALICE} --amount all`, { kind: 'transfer', to: ALICE, amountRao: 'all' }],
  [
    `register ${ON} --netuid 38 --limit 0.5`,
    { kind: 'register', netuid: 38, hotkey: ALICE, limitRao: 500_000_000n },
  ],
])('%s', (line, intent) => {
  expect(intentOf(asked(line), one, [])).toEqual(intent);
});

it('means the hotkey that is called so by everybody, where there are several', () => {
  const line = `stake ${ON} --netuid 1 --amount 1`;
  expect(intentOf(asked(line), many, [])).toMatchObject({ hotkey: MINE });
  const [, work, other] = ['', hotkey('work', ALICE), hotkey('other', MINE)] as const;
  for (const hotkeys of [[work, other], []])
    expect(() => intentOf(asked(line), { name: 'mine', hotkeys }, [])).toThrow(
      expect.objectContaining({ code: 'HOTKEY_NOT_NAMED' }),
    );
  expect(() => intentOf(asked(`${line} --hotkey none`), many, [])).toThrow(
    expect.objectContaining({ code: 'HOTKEY_NOT_IN_WALLET' }),
  );
});

it('sends to whom a name stands for, and to nobody by a guess', () => {
  const names = [
    { name: 'Öl-Börse', address: ss58(ALICE) },
    { name: 'rig', address: ss58(MINE) },
    { name: 'twice', address: ss58(ALICE) },
    { name: 'Twice', address: ss58(MINE) },
    { name: 'same', address: ss58(MINE) },
    { name: 'same', address: ss58(MINE) },
  ];
  const to = (name: string) => {
    const read = readCommandLine(['transfer', ...ON.split(' '), '--to', name, '--amount', '1']);
    if (read.kind !== 'run' || !isMoney(read.asked)) throw new Error('no such command');
    return intentOf(read.asked, one, names);
  };
  expect(to('öl-börse')).toMatchObject({ to: ALICE });
  expect(to('O\u0308l-Bo\u0308rse')).toMatchObject({ to: ALICE });
  expect(to('same')).toMatchObject({ to: MINE });
  for (const [name, code] of [
    ['ri', 'RECEIVER_NAME_UNKNOWN'],
    ['rig1', 'RECEIVER_NAME_UNKNOWN'],
    ['twice', 'RECEIVER_NAME_AMBIGUOUS'],
  ] as const)
    expect(() => to(name)).toThrow(expect.objectContaining({ code }));
});

it.each([
  ['--amount', '0', 'stake'],
  ['--amount', '1,5', 'stake'],
  ['--amount', 'everything', 'stake'],
  ['--amount', '1e3', 'unstake'],
  ['--amount', '18446744073.709551616', 'unstake'],
  ['--tolerance', '0.05', 'stake'],
  ['--tolerance', '5.01', 'stake'],
  ['--tolerance', '-1', 'stake'],
  ['--netuid', '65536', 'stake'],
  ['--to', ALICE.replace(/Y$/, 'Z'), 'transfer'],
  ['--to', `0x${'11'.repeat(32)}`, 'transfer'],
  ['--network', 'nakamoto', 'stake'],
  ['--network', 'http://127.0.0.1:1', 'stake'],
  ['--limit', '0', 'register'],
])('takes no %s %s', (option, value, command) => {
  expect(() => readCommandLine([command, option, value])).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  );
});

it.each([
  ['finney', { name: 'finney', endpoint: null }],
  ['ws://127.0.0.1:9944', { name: '127.0.0.1-9944', endpoint: 'ws://127.0.0.1:9944' }],
  ['lan=wss://node.example', { name: 'lan', endpoint: 'wss://node.example' }],
])('a network is %s', (text, network) => {
  expect(asked(`transfer --network ${text} --wallet w --to ${ALICE} --amount 1`).said.network).toEqual(
    network,
  );
});

it.each(['network', 'wallet', 'netuid', 'amount'])('is not complete without --%s', (left) => {
  const all = { network: 'finney', wallet: 'mine', netuid: '38', amount: '1' };
  const words = Object.entries(all).flatMap(([name, value]) => (name === left ? [] : [`--${name}`, value]));
  expect(() => readCommandLine(['stake', ...words])).toThrow(
    expect.objectContaining({ code: 'OPTION_MISSING', params: { command: 'stake', option: `--${left}` } }),
  );
});
