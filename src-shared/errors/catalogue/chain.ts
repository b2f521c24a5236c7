import type { CatalogueEntry } from './entry.ts';

/** The chain, real or practised. */
export const chain = {
  // Practice chain
  DEVNET_ADDRESS_INVALID: {
    sentence: 'The practice chain was given an address that is not valid: {address}.',
    action: 'Delete the practice folder and start practice again.',
  },
  DEVNET_STATE_FOREIGN: {
    sentence: 'The folder {path} holds another practice chain.',
    action: 'Start practice again with another data folder, or delete this one.',
  },
  DEVNET_JOURNAL_REPAIRED: {
    sentence: 'A file of the practice chain in {path} was damaged. Every block of it could be restored.',
    action: 'Nothing to do. The damaged file was kept beside it. If this comes again, check your disk.',
  },
  DEVNET_BLOCKS_LOST: {
    sentence: 'The practice chain in {path} was damaged, and its blocks {fromBlock} to {toBlock} are lost.',
    action:
      'Start the practice over: its miners may know blocks that the chain does not. The damaged files were kept.',
  },
  DEVNET_HISTORY_LOST: {
    sentence:
      'The practice chain in {path} was damaged: what held at its blocks {fromBlock} to {toBlock} is lost.',
    action: 'Nothing to do: the chain itself goes on. The damaged files were kept.',
  },
  DEVNET_BLOCK_FAILED: {
    sentence: 'The practice chain could not make its block {block}.',
    action:
      'It tries again by itself. If this stays, send the log from the data folder and start the practice over.',
  },
  // Chain
  CHAIN_UNREACHABLE: {
    sentence: 'The chain at {endpoint} does not answer.',
    action: 'Butterfly keeps trying. Training goes on; no round opens until it answers.',
  },
  CHAIN_SILENT: {
    sentence: 'The endpoint {endpoint} has told of no new block for {seconds} s.',
    action: 'Butterfly opens a new connection by itself, to the next endpoint where there is one.',
  },
  CHAIN_ENDPOINT_BUSY: {
    sentence: 'The endpoint {endpoint} takes no more from this address for now ({limit}).',
    action:
      'Butterfly asks it again in {seconds} s by itself, and uses the next endpoint where there is one.',
  },
  CHAIN_ENDPOINT_OTHER: {
    sentence: 'The endpoint {endpoint} is another chain (genesis {found}), not the one of this network.',
    action: 'It is not used any more. Remove it from the network in Settings.',
  },
  CHAIN_ENDPOINTS_DISAGREE: {
    sentence: 'The endpoints {endpoint} and {other} call different blocks final at height {block}.',
    action:
      'Butterfly believes neither and waits until they agree. Remove the one you do not trust from the network in Settings.',
  },
  REGISTRATION_LOST: {
    sentence:
      'The hotkey lost its place at block {block}: uid {uid} of subnet {netuid} belongs to {holder} now.',
    action: 'Nothing was paid for a new one. Join again if you want to register at the present price.',
  },
  PLACE_GONE: {
    sentence: 'The hotkey lost its place: subnet {netuid} has no uid {uid} any more.',
    action: 'Nothing was paid for a new one. Join again if you want to register at the present price.',
  },
  REGISTRATION_NOT_AGREED: {
    sentence: 'A place on this subnet costs {cost}, and nothing was agreed to be paid.',
    action: 'Say how much it may cost at most. Nothing was spent.',
  },
  RUN_ALREADY_HERE: {
    sentence: 'The hotkey {hotkey} already works on this computer.',
    action: 'Use another hotkey, or stop the run that it works for.',
  },
  SUBNET_ASLEEP: {
    sentence: 'The practice chain does not run, so there is nothing to read of its subnet.',
    action: 'Start the practice on Home. Its subnet is there again within a minute.',
  },
  RUN_UNKNOWN: {
    sentence: 'There is no run {id} here any more.',
    action: 'Reload the page: it may be stopped.',
  },
  NETWORK_NAME_TAKEN: {
    sentence: 'The network {name} is open under another address.',
    action: 'Give this one another name, or stop the runs on that network first.',
  },
  SPENDING_NEEDS_WALLET: {
    sentence:
      'This is a real network, and its money is spent by a coldkey under a password alone, in the signing window.',
    action:
      'Register and stake on the pages Wallet and Staking, with a coldkey that has a password. Nothing was spent.',
  },
  CHAIN_IDENTITY_MISMATCH: {
    sentence: 'Subnet {netuid} is now “{found}”, not “{expected}”.',
    action: 'Nothing was spent. Look for an update of Butterfly before you go on.',
  },
  ENDPOINT_INVALID: {
    sentence: 'An endpoint begins with ws:// or wss:// and has no password in it.',
    action: 'For a chain on this computer: ws://127.0.0.1:9944.',
  },
  ENDPOINT_NO_CHAIN: {
    sentence: 'At {endpoint} is no chain that Butterfly can read.',
    action: 'Check address and port. Nothing was spent.',
  },
  CHAIN_IS_ANOTHER: {
    sentence: 'This endpoint is “{found}”, not {wanted}.',
    action: 'Choose another endpoint in Settings, or join it as another chain. Nothing was spent.',
  },
  SUBNET_ABSENT: {
    sentence: 'There is no subnet {netuid} on {chain}.',
    action: 'Choose a subnet that is there, or another chain. Nothing was spent.',
  },
  SUBNET_UNPROVED: {
    sentence: 'Nothing says what subnet {netuid} on {chain} should be, so no money goes into it.',
    action: 'Choose a profile for it first. What you hold there can still be taken out. Nothing was spent.',
  },
  PROFILE_HASH_FOREIGN: {
    sentence: 'The members of this subnet run another profile ({found}) than yours ({own}).',
    action: 'Ask them for their profile file and open it here. Nothing was spent.',
  },
  ROLE_WITHOUT_PERMIT: {
    sentence: 'This hotkey has no permit to validate on subnet {netuid}.',
    action: 'Join as a miner, or stake to it: permits go to those with the most stake. Nothing was spent.',
  },
  VALIDATOR_NEEDS_LACKING: {
    sentence: 'Something that a validator takes is not there: {need}.',
    action: 'Look at the list again: it says what to do. Nothing was begun or paid.',
  },
  HOTKEY_NOT_REGISTERED: {
    sentence: 'This hotkey has no place on the subnet, and Butterfly buys none on this chain.',
    action: 'Register it with your wallet first, then join here. Nothing was spent.',
  },
  STAKE_NOT_HERE: {
    sentence:
      'Butterfly can stake nothing here: the coldkey is not in the keys folder, or this is a real network.',
    action: 'Stake with the wallet that you use, and join without a stake. Nothing was spent.',
  },
  STAKE_MOVES_PRICE: {
    sentence:
      'Staking {amount} would pay {paid} for one alpha, whose price is {price}: the order itself moves it.',
    action: 'Join with a smaller stake. Nothing was spent.',
  },
  STAKE_PRICE_MOVED: {
    sentence: 'The price of alpha moved while {amount} was being staked, so the chain refused it.',
    action:
      'Only the fee was paid, and nothing is tried again by itself. To stake at the new price, stop the run and join again.',
  },
  STAKE_REFUSED: {
    sentence: 'The chain refused to stake {amount} ({error}).',
    action:
      'Only the fee was paid, and nothing is tried again by itself. To try again, stop the run and join again.',
  },
  STAKE_DONE: {
    sentence: '{amount} is staked. The coldkey holds {alpha} alpha on this hotkey now.',
    action: 'Nothing to do.',
  },
  RUN_ASKS_ON_PAGE: {
    sentence: 'The run on {network} is announced by a stranger: it is shown before it is joined.',
    action:
      'Look it over on “Join a network”, where it is filled in, and press the button. Or name its hash with --accept.',
  },
  JOIN_ASKS_ON_PAGE: {
    sentence: 'Joining {network} costs something. With a window nothing is paid from the command line.',
    action:
      'Look it over on “Join a network”, where it is filled in, and press the button. Or add --headless: the limits are the consent then.',
  },
  REGISTRATION_OVER_LIMIT: {
    sentence: 'A place costs {cost} now, and your limit is {limit}.',
    action: 'Raise the limit, or wait until the price has fallen. Nothing was spent.',
  },
  BALANCE_TOO_LOW: {
    sentence: 'This needs {needed}, and the coldkey has {free}.',
    action: 'Send some to the coldkey, or lower the amounts. Nothing was spent.',
  },
  AMOUNT_INVALID: {
    sentence: '“{text}” is no amount.',
    action: 'Write 0.05 with a point: digits alone, at most nine places, no comma and no blank.',
  },
  KEYS_FOLDER_WITHOUT_KEYS: {
    sentence: 'There is no hotkey in {path}.',
    action:
      'Choose the wallet’s folder, the one in which the folder hotkeys lies, or the file of one hotkey.',
  },
  HOTKEYS_SEVERAL: {
    sentence: 'There are several hotkeys in {path}: {names}.',
    action: 'Write the one you mean behind it: {path}/NAME.',
  },
  KEYS_NOT_MADE: {
    sentence: 'No keys folder is named, and Butterfly has no keys of its own for the network {network}.',
    action: 'Choose the folder of your wallet, or let Butterfly make keys here.',
  },
  KEYS_FOLDER_NEEDED: {
    sentence: 'Butterfly uses no keys of its own on the real network {network}.',
    action: 'Choose the folder of the wallet that holds your hotkey.',
  },
  CHAIN_REFUSED: {
    sentence: 'The chain refused the call ({module}.{error}).',
    action: 'Nothing else was changed. Try again later.',
  },
  CHAIN_CALL_UNAVAILABLE: {
    sentence: 'This chain does not offer {call}.',
    action: 'Look for an update of Butterfly.',
  },
  CHAIN_ANSWER_MALFORMED: {
    sentence: 'The chain answered with something that could not be read ({what}).',
    action: 'Butterfly asks again. If this stays, choose another endpoint or update Butterfly.',
  },
  CHAIN_TOO_LATE: {
    sentence: 'The transaction had to be in block {lastBlock} at the latest, and the chain is at {head}.',
    action: 'Nothing was sent.',
  },
  COMMITMENT_SPACE_SPENT: {
    sentence: 'This hotkey has written {usedBytes} of the {maxBytes} bytes that an epoch allows.',
    action: 'Butterfly writes again when the next epoch has begun.',
  },
  COMMITMENT_CONTRADICTS: {
    sentence: 'Another record for {decision} was already sent.',
    action: 'Nothing was sent. The earlier record stands.',
  },
  COMMITMENT_FILE_CORRUPT: {
    sentence: 'The file {path}, which says what this witness has sent, could not be read.',
    action: 'Restore it from your backup, or move it away once the current round is over.',
  },
  COMMITMENT_WITHOUT_IDENTITY: {
    sentence: 'A record was to be written before this hotkey named its run and peer on chain.',
    action: 'Restart Butterfly.',
  },
  CHAIN_FATE_UNKNOWN: {
    sentence: 'It is not known yet whether the transaction {hash} was taken.',
    action: 'Butterfly looks it up block by block and tells you. Do not send it again.',
  },
  FINALITY_STALLED: {
    sentence: 'The chain has not finalized a block for {seconds} s.',
    action: 'No new round opens until it does. Training goes on.',
  },
} as const satisfies Record<string, CatalogueEntry>;
