/**
 * A node's pool refuses a call of Subtensor's by a number alone (`InvalidTransaction::Custom`). The numbers are the
 * chain's own and are never given away again; the names here are those by which the same fault is told from a block.
 */
const names: Readonly<Record<number, string>> = {
  0: 'ColdkeyInSwapSchedule',
  1: 'AmountTooLow',
  2: 'NotEnoughBalanceToStake',
  3: 'SubnetNotExists',
  4: 'HotKeyAccountNotExists',
  5: 'NotEnoughStakeToWithdraw',
  6: 'RateLimitExceeded',
  7: 'InsufficientLiquidity',
  8: 'SlippageTooHigh',
  9: 'TransferDisallowed',
  10: 'HotKeyNotRegisteredInSubNet',
  11: 'InvalidIpAddress',
  12: 'ServingRateLimitExceeded',
  13: 'InvalidPort',
  14: 'ZeroMaxStakeAmount',
  15: 'InvalidRevealRound',
  16: 'NoWeightsCommitFound',
  17: 'CommitBlockNotInRevealRange',
  18: 'InputLengthsUnequal',
  19: 'UidNotFound',
};

/** The fault by its name; what has none here stays as the node said it. */
export function poolRefusal(detail: string): string {
  const number = /^Custom error: (\d{1,3})$/.exec(detail)?.[1];
  return (number && names[Number(number)]) || detail;
}
