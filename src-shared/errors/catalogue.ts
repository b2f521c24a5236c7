/**
 * Every error the app can show: a sentence that says what is so, and an action that says what to do next.
 * `{name}` is filled from the error's parameters. Codes are stable; sentences may change.
 */
export interface CatalogueEntry {
  readonly sentence: string;
  readonly action: string;
}

export const errorCatalogue = {
  // General
  INTERNAL: {
    sentence: 'A part of Butterfly failed in a way it does not know.',
    action: 'Restart Butterfly. If it happens again, send the log from the data folder.',
  },
  CANCELLED: {
    sentence: 'The work was stopped before it finished.',
    action: 'Start it again when you are ready.',
  },
  TIMEOUT: {
    sentence: 'No answer to {what} within {limitMs} ms.',
    action: 'Butterfly tries again by itself. If this stays, restart it.',
  },
  WIRE_MALFORMED: {
    sentence: 'A message could not be read ({reason}).',
    action: 'Reload the page. If it happens again, restart Butterfly.',
  },
  // Start
  PORT_IN_USE: {
    sentence: 'Port {port} is already in use.',
    action: 'Close the program that uses it, or start with another --port.',
  },
  PEER_PORT_IN_USE: {
    sentence: 'Another program has port {port} of {host}, where peers were to reach this one.',
    action:
      'Close that program, or choose another port: --listen, or “Port for peers” in Settings. Nothing was spent.',
  },
  PEER_ADDRESS_UNUSABLE: {
    sentence: 'Peers cannot be let in at port {port} of {host} ({reason}).',
    action:
      'Take an address of this computer and a port above 1023: --listen, or “Port for peers” in Settings. Nothing was spent.',
  },
  DATA_DIR_UNWRITABLE: {
    sentence: 'Butterfly cannot write to its data folder {path}.',
    action: 'Give your user write access to it, or start with another --data-dir.',
  },
  DATA_DIR_IN_USE: {
    sentence:
      'Another Butterfly already uses the data folder {path} (process {pid} on {host}, since {since}).',
    action: 'Use its window, or start with another --data-dir.',
  },
  DATA_DIR_INVALID: {
    sentence: 'Butterfly cannot keep its data in “{path}”.',
    action: 'Start with --data-dir and the full path of a folder on a disk of this computer.',
  },
  DATA_DIR_NEWER: {
    sentence:
      'The data folder {path} was used by a newer Butterfly (format {found}; this one knows {known}).',
    action: 'Update Butterfly, or start with another --data-dir. Nothing was changed.',
  },
  PRACTICE_STARTS_OVER: {
    sentence: 'The practice in {path} was begun by an older Butterfly, and this one cannot go on with it.',
    action: 'Rename its folder “practice”, then start again. What you earned stays in the history.',
  },
  LOCK_UNUSABLE: {
    sentence: 'The lock file {path} cannot be used.',
    action: 'Butterfly needs a disk that can lock files: start with a --data-dir on another one.',
  },
  HOME_UNKNOWN: {
    sentence: 'This system does not say where your home folder is (HOME is “{home}”).',
    action: 'Set HOME, or start with --data-dir and the full path of a folder.',
  },
  PATH_DANGLES: {
    sentence: 'The link {path} leads to nothing.',
    action: 'Connect the disk it leads to, or start with another --data-dir.',
  },
  DISK_FILES_SPENT: {
    sentence: 'The disk that holds {path} takes no more files, though it may have space.',
    action: 'Delete files that you do not need there, or start with another --data-dir.',
  },
  DISK_FULL: {
    sentence: 'The disk that holds {path} is full.',
    action: 'Free some space. Butterfly goes on by itself as soon as there is room.',
  },
  DISK_READ_ONLY: {
    sentence: 'The disk that holds {path} is mounted read-only.',
    action: 'Make it writable again (a disk with errors is often set so), or start with another --data-dir.',
  },
  DISK_FAILING: {
    sentence: 'The disk failed while Butterfly used {path}.',
    action: 'Copy your key files to another disk first, then check this one and its cable.',
  },
  PATH_TOO_LONG: {
    sentence: 'The path {path} is longer than this system takes.',
    action: 'Start with a shorter --data-dir.',
  },
  PATH_LOOPS: {
    sentence: 'The links in {path} lead in a circle.',
    action: 'Mend the link, or start with another --data-dir.',
  },
  PATH_IS_FOLDER: {
    sentence: '{path} is a folder where Butterfly keeps a file.',
    action: 'Move that folder away, then start again. Nothing was changed.',
  },
  PATH_IS_FILE: {
    sentence: 'A file stands in {path} where Butterfly needs a folder.',
    action: 'Move that file away, or start with another --data-dir. Nothing was changed.',
  },
  TOO_MANY_FILES: {
    sentence: 'This system lets Butterfly open no more files ({path}).',
    action: 'Raise the limit (in a terminal: ulimit -n 4096) or close other programs, then start again.',
  },
  FILE_IN_USE: {
    sentence: 'Another program holds {path}: an antivirus or a backup, most often.',
    action: 'Leave the data folder out of its scans, then start again.',
  },
  FILE_UNREADABLE: {
    sentence: 'Butterfly may not read {path}.',
    action: 'Give your user read access to it, then start again. Nothing was changed.',
  },
  FILE_DAMAGED: {
    sentence: 'The file {path} was damaged. It was moved to {movedTo}, and Butterfly goes on without it.',
    action: 'Keep the moved file if you want it looked at. If this happens again, check the disk.',
  },
  FILE_REPAIRED: {
    sentence:
      'The file {path} was damaged and came back from its second copy. The damaged one is now {movedTo}.',
    action: 'Nothing to do. If this happens again, check the disk.',
  },
  FILE_RESTORED: {
    sentence: 'The file {path} was missing and came back from its second copy.',
    action: 'Nothing to do. If this happens again, look for what removes files there.',
  },
  SETTINGS_CORRUPT: {
    sentence: 'The settings file could not be read. It was moved to {movedTo} and the defaults are in use.',
    action: 'Check your settings. Nothing else was changed.',
  },
  SETTING_INVALID: {
    sentence: 'The setting {setting} does not accept {value}.',
    action: 'Choose another value. Nothing was changed.',
  },
  SETTING_IGNORED: {
    sentence: 'The setting {setting} cannot be {value}, as the settings file says. Its default is in use.',
    action: 'Choose its value again. The others are as you set them.',
  },
  SETTING_NEEDS: {
    sentence: 'This does not accept {value}.',
    action: 'It needs {needs}. Nothing was changed.',
  },
  ROWS_LOST: {
    sentence: '{rows} measurements could not be kept.',
    action: 'Nothing to do: training, rounds and earnings are not touched by it.',
  },
  DATABASE_CORRUPT: {
    sentence: 'The database {name} could not be read. It was moved to {movedTo} and a new one was started.',
    action: 'Keep that file if you want its history restored.',
  },
  DATABASE_RESTORED: {
    sentence:
      'The database {name} could not be read. It was moved to {movedTo}, and its backup {backup} is in use.',
    action: 'What came since that backup is read from the chain again. Keep the moved file all the same.',
  },
  DATABASE_DAMAGED: {
    sentence: 'A database in {path} was damaged while it was in use.',
    action:
      'Restart Butterfly: it restores what was earned from the backup and reads the rest from the chain.',
  },
  DATABASE_LOST: {
    sentence: 'The database {name} was gone, and a new one was started.',
    action: 'Nothing to do: training goes on. Its history is missing unless you have a copy of the file.',
  },
  LEDGER_RESTORED: {
    sentence:
      'The ledger of what you earned held {found} of {known} entries. Its backup {backup} is in use again.',
    action: 'What came since that backup is read from the chain again. The file it replaced is {movedTo}.',
  },
  LEDGER_ROWS_LOST: {
    sentence: 'The ledger of what you earned holds {found} of {known} entries, and no backup holds more.',
    action: 'Butterfly reads from the chain again what it still tells.',
  },
  EARNINGS_GAP: {
    sentence:
      'What blocks {fromBlock} to {toBlock} paid is not known: the chain keeps only its newest blocks.',
    action: 'Nothing is lost: your stake holds it. Sums of those days may read too low.',
  },
  DATABASE_NEWER: {
    sentence: 'The database {name} was written by a newer Butterfly.',
    action: 'Update Butterfly, or start with another --data-dir.',
  },
  ENGINE_MEMORY: {
    sentence: 'This model needs {neededMib} MiB for training on the processor, and that much cannot be had.',
    action: 'Close other programs, or choose a run with a smaller model.',
  },
  ENGINE_UNAVAILABLE: {
    sentence: 'The training kernels at {path} are missing or do not run on this machine.',
    action: 'Install Butterfly again. From source: npm run build.',
  },
  CORPUS_CORRUPT: {
    sentence: 'The training text at {path} is missing or damaged.',
    action: 'Install Butterfly again. From source: npm run build.',
  },
  PROFILE_UNKNOWN: {
    sentence: 'No run profile named {name} comes with Butterfly.',
    action:
      'Join a run by the file of its profile, or practise without --profile. By name there are: {known}.',
  },
  PROFILE_IS_PRACTICE: {
    sentence: 'The profile of a practice belongs to its own chain and cannot be joined by name.',
    action:
      'Press Practice (npm start -- practice), or name the profile.json that npm run devnet wrote for its chain.',
  },
  PROFILE_NOT_RUNNABLE: {
    sentence: 'This version cannot run the profile {name} yet: it has neither its data set nor a GPU engine.',
    action: 'Practise, or join a run by the file of a profile that this version can train.',
  },
  PROFILE_FILE_UNREADABLE: {
    sentence: 'The run profile {path} could not be read.',
    action: 'Check the name of the file, and that your user may read it.',
  },
  PROFILE_INVALID: {
    sentence: 'The run profile is not valid: {reason}.',
    action: 'Ask its author for a corrected file.',
  },
  // Command line
  COMMAND_UNKNOWN: { sentence: 'There is no command “{word}”.', action: 'There are: {known}.' },
  COMMAND_MISTYPED: { sentence: 'There is no command “{word}”.', action: 'Did you mean {suggestion}?' },
  COMMAND_NOT_FIRST: {
    sentence: 'The command {word} stands behind other words.',
    action: 'Put it first: npm start -- {word}, then its options.',
  },
  WORD_UNEXPECTED: {
    sentence: 'The word “{word}” means nothing behind {command}.',
    action: 'npm start -- {command} --help lists what can be said. Put text with blanks in quotes.',
  },
  OPTION_UNKNOWN: {
    sentence: 'Option {option} is not known.',
    action: 'npm start -- {command} --help lists the options.',
  },
  OPTION_MISTYPED: { sentence: 'Option {option} is not known.', action: 'Did you mean {suggestion}?' },
  OPTION_ELSEWHERE: {
    sentence: 'Option {option} does not belong to {command}.',
    action: 'It belongs to {owner}: npm start -- {owner} --help.',
  },
  OPTION_INVALID: {
    sentence: 'Option {option} does not accept {value}.',
    action: 'It takes {expected}.',
  },
  OPTION_NEEDS: {
    sentence: 'Option {option} means something together with {needed} only.',
    action: 'Add {needed}, or leave {option} out.',
  },
  OPTIONS_EXCLUDE: {
    sentence: 'Options {option} and {other} exclude each other.',
    action: 'Leave one of them out.',
  },
  OPTION_MISSING: {
    sentence: 'The command {command} needs {option}.',
    action: 'npm start -- {command} --help says what it takes.',
  },
  OPTIONS_SWALLOWED: {
    sentence: 'npm kept {options} for itself.',
    action: 'Put -- before the options: {line}',
  },
  HOST_NOT_RUNNING: {
    sentence: 'No Butterfly answers on the data folder {path}.',
    action:
      'Start it with npm start, or name its folder with --data-dir. If another user runs it, ask as that user.',
  },
  NO_RUN: {
    sentence: 'There is no such run under way.',
    action: 'npm start -- status lists what runs.',
  },
  REPORT_UNWRITABLE: {
    sentence: 'The report cannot be written to {path}.',
    action: 'Choose another --json, in a folder that is there and takes files.',
  },
  TERMINAL_NEEDED: {
    sentence: 'A password is asked for at a terminal alone.',
    action: 'Run the command there yourself, without a pipe or a file for what you would type.',
  },
  COMMAND_WITHOUT_WINDOW: {
    sentence: 'The command {command} has no window.',
    action: 'Run it at a terminal: npm start -- {command}',
  },
  // Page
  PAGE_TOKEN_WRONG: {
    sentence: 'This page is not signed in to Butterfly.',
    action:
      'Open the address on the terminal where Butterfly runs, or the file open-butterfly.html in its data folder.',
  },
  PAGE_ORIGIN_FOREIGN: {
    sentence: 'A page from elsewhere tried to reach Butterfly and was refused.',
    action: 'Nothing to do. Close that page if you do not know it.',
  },
  RPC_MALFORMED: {
    sentence: 'The page asked for something that Butterfly does not offer ({method}).',
    action: 'Reload the page.',
  },
  NOT_NOW: {
    sentence: '{what} is not possible while the state is {state}.',
    action: 'Wait until it has changed, then try again.',
  },
  // Children
  CHILD_EXITED: {
    sentence: 'The {child} process stopped ({reason}).',
    action: 'Butterfly starts it again by itself.',
  },
  CHILD_UNRESPONSIVE: {
    sentence: 'The {child} process gave no sign of life for {silentMs} ms.',
    action: 'Butterfly starts it again by itself.',
  },
  CHILD_GAVE_UP: {
    sentence: 'The {child} process failed {failures} times in a row. The last time: {why}',
    action: 'Restart Butterfly. The last lines it printed are in the log.',
  },
  CHILD_MESSAGE_MALFORMED: {
    sentence: 'The {child} process sent a message that does not fit its contract ({detail}).',
    action: 'Restart Butterfly. If it happens again, reinstall it.',
  },
  PROGRAM_FILE_MISSING: {
    sentence: 'Butterfly’s own file {path} is missing: an antivirus may have removed it.',
    action:
      'Restore it there and exclude that folder, or install Butterfly again. From source: npm run build.',
  },
  RUNTIME_MISSING: {
    sentence: 'The Node runtime for {platform} is not part of this installation.',
    action: 'Install Butterfly again.',
  },
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
    action: 'Choose a profile for a subnet that is there, or another chain. Nothing was spent.',
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
  // Money
  LEDGER_OLDER: {
    sentence: 'The ledger was last written by an older Butterfly.',
    action: 'Start Butterfly once on that data folder: it brings the ledger up to date.',
  },
  QUOTE_EXPIRED: {
    sentence: 'This quote is too old: prices move.',
    action: 'Take the new one. Nothing was signed.',
  },
  CONSENT_NOT_TYPED: {
    sentence: 'What was typed is not {expected}.',
    action: 'Type exactly that to agree. Nothing was signed.',
  },
  REVIEW_OUTDATED: {
    sentence: 'The chain changed its rules after you looked this over.',
    action: 'Ask for a new quote and look it over again. Nothing was signed.',
  },
  COLDKEY_NOT_HERE: {
    sentence: 'The coldkey {address} is not on this computer.',
    action: 'Sign this where its wallet lies. What it holds is shown here all the same.',
  },
  NETWORK_NOT_OPEN: {
    sentence: 'No chain called {network} is open here.',
    action: 'Start the practice, or join a run on that network, then try again.',
  },
  TOLERANCE_INVALID: {
    sentence: 'A tolerance is between {least} % and {most} %.',
    action: 'Choose one in between: 1 % is usual. Nothing was signed.',
  },
  NO_QUOTE: {
    sentence: 'The chain names no price for this order on subnet {netuid}.',
    action: 'Try a smaller amount. Without a price nothing is signed.',
  },
  ORDER_UNDER_WAY: {
    sentence: 'The same was ordered before, and it is not known yet what became of that.',
    action: 'Wait until it is done, refused or expired. It can still happen, and would then happen twice.',
  },
  STAKE_RESTS: {
    sentence: 'What is being staked there cannot leave in the same block.',
    action: 'Wait until your stake is in a block: then it can.',
  },
  HOTKEY_NOT_ON_CHAIN: {
    sentence: 'The chain does not know the hotkey {hotkey}.',
    action: 'Check the address: a hotkey that was never registered takes no stake. Nothing was signed.',
  },
  HOTKEY_NOT_ON_SUBNET: {
    sentence: 'The hotkey {hotkey} has no place on subnet {netuid}, so that stake on it earns nothing there.',
    action: 'Choose a hotkey that is registered there, unless you mean this one.',
  },
  HOTKEY_THE_SAME: {
    sentence: 'That is the hotkey which the stake is on already.',
    action: 'Choose another one. Nothing was signed.',
  },
  HOTKEY_OF_ANOTHER: {
    sentence: 'The hotkey {hotkey} belongs to another coldkey.',
    action: 'Choose a hotkey of your own. Nothing was paid for a place.',
  },
  HOTKEY_HAS_PLACE: {
    sentence: 'The hotkey has a place on subnet {netuid} already: uid {uid}.',
    action: 'Nothing to do. Nothing was paid.',
  },
  TOKEN_NOT_OPEN: {
    sentence: 'The token of subnet {netuid} is not active yet.',
    action: 'Wait until its owner starts it.',
  },
  AMOUNT_TOO_LOW: {
    sentence: 'The chain takes no order below {least}.',
    action: 'Choose a larger amount. Taking out everything is always possible.',
  },
  AMOUNT_BELOW_MINIMUM: {
    sentence: 'The chain takes no order that small.',
    action: 'Choose a larger amount. Taking out everything is always possible.',
  },
  STAKE_TOO_LOW: {
    sentence: 'The coldkey has {held} there.',
    action: 'Choose at most that, or “All”. Nothing was exchanged.',
  },
  STAKE_LOCKED: {
    sentence: 'A part of this stake is locked: {available} can be moved.',
    action: 'Choose at most that. Locks end by themselves.',
  },
  STAKE_UNAVAILABLE: {
    sentence: 'A part of this stake is locked, or less is there than was ordered.',
    action: 'Look at what is available, and choose at most that. Nothing was exchanged.',
  },
  DUST_STAYS: {
    sentence: '{left} would stay behind, which is too little to be taken out in part.',
    action: 'Take “All” if you want none of it to stay.',
  },
  PRICE_PASSED_LIMIT: {
    sentence: 'The price moved beyond your limit. Nothing was exchanged.',
    action: 'Only the network fee was paid. Ask for a new quote.',
  },
  LIQUIDITY_TOO_LOW: {
    sentence: 'The pool of the subnet is too small for this amount. Nothing was exchanged.',
    action: 'Choose a smaller amount.',
  },
  ORDER_MOVES_PRICE: {
    sentence: 'The order itself moves the price by {percent} %.',
    action: 'Split it or choose a smaller amount: what is lost by this is lost at once.',
  },
  PRICE_BEYOND_TOLERANCE: {
    sentence:
      'The order itself moves the price by {percent} %, more than your tolerance of {tolerance} %: the limit stands that much beyond the price, and the tolerance beyond that.',
    action: 'A limit at the price of now would be refused even if nobody else traded.',
  },
  FIRST_ORDER: {
    sentence: 'This is the first order of this account here.',
    action: 'Begin with a small one if you want to see how it goes.',
  },
  EARLIER_UNREADABLE: {
    sentence: 'The same was ordered before. A block holds that order, and what it did can be read no more.',
    action: 'Compare your balance and stake first: this order may do the same a second time.',
  },
  ALL_TAKES_LATER: {
    sentence: 'All is what is free when a block takes the order: what arrives until then goes with it.',
    action: 'Type an amount where it should be no more than that.',
  },
  CALL_NUMBERED_OTHERWISE: {
    sentence: 'This chain numbers the call otherwise than Butterfly knows it, or the endpoint lies about it.',
    action:
      'Compare with another endpoint or update Butterfly first. A call could be another than its name says.',
  },
  LARGE_SHARE: {
    sentence: 'This is {percent} % of what the coldkey has free.',
    action: 'Check amount and address once more.',
  },
  FEE_UNKNOWN: {
    sentence: 'The node does not say what the network takes for this.',
    action: 'It has been far below 0.01 TAO. Use another endpoint to know it beforehand.',
  },
  FEE_IN_ALPHA: {
    sentence: 'The coldkey has too little TAO for the network fee.',
    action: 'The chain may take it out of the alpha instead, or refuse the order.',
  },
  FEE_UNPAYABLE: {
    sentence: 'The coldkey cannot pay the network fee.',
    action: 'Send a little TAO to it. Nothing was done.',
  },
  FUNDS_TOO_LOW: {
    sentence: 'The coldkey has less than this needs, fee and what keeps the account included.',
    action: 'Choose a smaller amount, or send some to the coldkey. Nothing was exchanged.',
  },
  RECEIVER_NEW: {
    sentence: 'This is the first time that you send to {address}.',
    action: 'Compare the whole address, not only its ends.',
  },
  RECEIVER_LOOKS_LIKE: {
    sentence: '{address} begins and ends like {known}, which you know, and is another account.',
    action: 'Compare the letters in between. Such addresses are made to be mistaken for each other.',
  },
  RECEIVER_BELOW_MINIMUM: {
    sentence: 'An account that is new must get {least} at least, or the chain removes it.',
    action: 'Send at least that. Nothing was sent.',
  },
  RECEIVER_IS_SENDER: {
    sentence: 'That is the address that it would come from.',
    action: 'Choose another one. Nothing was sent.',
  },
  TRANSFER_NOT_ALLOWED: {
    sentence: 'The owner of subnet {netuid} does not let stake be given to others.',
    action: 'Unstake it and send the TAO instead.',
  },
  REGISTRATION_CLOSED: {
    sentence: 'Subnet {netuid} takes no registrations now.',
    action: 'Wait until its owner opens them. Nothing was paid.',
  },
  REGISTRATIONS_FULL: {
    sentence: 'Registrations on this subnet are full until block {block}.',
    action: 'Try again then. Nothing was paid for a place.',
  },
  REGISTRATIONS_FULL_NOW: {
    sentence: 'Others registered first in this block or interval.',
    action:
      'Try again in the next one. Nothing was paid for a place; a network fee may have been, if a block holds it.',
  },
  REGISTRATION_PRICE_ROSE: {
    sentence: 'The price of a place rose above your limit of {limit}. Nothing was paid for one.',
    action: 'Wait until it has fallen, or ask again with a higher limit.',
  },
  PRICE_UNCAPPED: {
    sentence:
      'This chain cannot hold the price of a place to a limit. It is read right before signing; until the block it may rise to {worst}.',
    action: 'What was really paid is shown afterwards.',
  },
  NO_PLACE_FREE: {
    sentence: 'Every place on the subnet is held by somebody who cannot be replaced now.',
    action: 'Try again when immunity of others has ended. Nothing was paid for a place.',
  },
  RATE_LIMITED: {
    sentence: 'The chain takes the next order of this kind only some blocks later.',
    action: 'Wait for some blocks, then ask for a new quote.',
  },
  COLDKEY_SWAP_PENDING: {
    sentence: 'A coldkey swap is pending for this account. If this was not you, dispute it now.',
    action: 'Nothing moves until it is over: btcli wallet swap-coldkey dispute stops one that is not yours.',
  },
  WEIGHTS_TOO_SOON: {
    sentence: 'Weights were set or committed only some blocks ago.',
    action: 'Butterfly tries again when the chain allows it.',
  },
  VALIDATOR_WITHOUT_SEAT: {
    sentence: 'This hotkey has no permit, or too little stake, to set weights.',
    action: 'Look at the subnet’s page for what a seat takes.',
  },
  ORDER_DID_NOTHING: {
    sentence: 'The chain took the order and did nothing: not even a part of it was within the limit.',
    action: 'Only the network fee was paid. Ask for a new quote.',
  },
  // Vault
  KEY_FILE_CORRUPT: {
    sentence: 'The key file {path} could not be read.',
    action: 'Restore it from your backup. Butterfly did not change it.',
  },
  KEY_FILE_LOCKED: {
    sentence: 'The key file {path} is locked with a password, and this version opens none of those.',
    action: 'Use a hotkey whose file has no password. Butterfly did not change this one.',
  },
  WALLET_NAME_INVALID: {
    sentence: 'A wallet cannot be called “{name}”.',
    action: 'Use letters, digits, dots and dashes, and begin with a letter or a digit.',
  },
  WALLET_EXISTS: {
    sentence: 'There is a wallet called “{name}” already, in {path}.',
    action: 'Choose another name. The wallet that is there was not changed.',
  },
  WALLET_HAS_ADDRESS: {
    sentence: 'The wallet “{name}” has this address already ({folder}).',
    action: 'Choose that wallet. Nothing was written.',
  },
  WALLET_NOT_FOUND: {
    sentence: 'There is no wallet “{name}” here for the network {network}.',
    action: 'npm start -- wallet lists them. A folder is written with a slash in it.',
  },
  WALLET_WITHOUT_COLDKEY: {
    sentence: 'Nothing in the wallet “{name}” says which coldkey it has.',
    action: 'Add its public file (coldkeypub.txt), or choose another wallet.',
  },
  HOTKEY_NOT_NAMED: {
    sentence: 'The wallet “{wallet}” has several hotkeys, and none is called “default”, or it has none.',
    action: 'Say which: --hotkey, with its name or an address.',
  },
  HOTKEY_NOT_IN_WALLET: {
    sentence: 'The wallet “{wallet}” has no hotkey “{name}”.',
    action: 'npm start -- wallet lists them; or give the whole address.',
  },
  WALLET_UNKNOWN: {
    sentence: 'No wallet on this computer has the address {address}.',
    action: 'Look whether its folder is still there, then try again.',
  },
  WALLETS_UNREADABLE: {
    sentence: 'The wallets in {folder} cannot be looked at.',
    action: 'Give your user read access to that folder, or choose another one in Settings.',
  },
  CONTACT_NAME_INVALID: {
    sentence: 'That is no name for an address.',
    action: 'Use up to {most} letters that can be seen, in one line.',
  },
  CONTACT_NAME_TAKEN: {
    sentence: 'Another address is called “{name}” already: {address}.',
    action: 'Choose another name. Nothing was changed.',
  },
  CONTACTS_FULL: {
    sentence: 'The address book holds {most} names, and takes no more.',
    action: 'Remove a name that you no longer need.',
  },
  ADDRESS_INVALID: {
    sentence: '“{address}” is no address of this network.',
    action: 'Copy it again from where you have it, whole and without blanks.',
  },
  KEY_PASSWORD_WRONG: {
    sentence: 'The key file {path} does not open with this password.',
    action: 'Type it again: capitals, blanks and the language of the keyboard count.',
  },
  KEY_FILE_PUBLIC: {
    sentence: 'The key file {path} names an account and holds no secret of it.',
    action: 'Choose the hotkey’s own file, or restore it from its phrase with the wallet that made it.',
  },
  KEY_FILE_CONTRADICTS: {
    sentence: 'In the key file {path}, {part} belongs to another account than the secret.',
    action: 'Restore it from your backup. Butterfly signed nothing with it and did not change it.',
  },
  KEY_PHRASE_WORD: {
    sentence: 'Word {word} of the phrase in {path} is not in the list of words.',
    action: 'Compare it with what you wrote down. Butterfly did not change the file.',
  },
  KEY_PHRASE_INVALID: {
    sentence:
      'The words of the phrase in {path} do not fit each other: one is wrong, missing or out of place.',
    action: 'Compare them with what you wrote down. Butterfly did not change the file.',
  },
  KEY_PRIVATE_INVALID: {
    sentence: 'These digits are no private key of an sr25519 account.',
    action: 'Compare them with what you have: 128 digits of hex. Nothing was written.',
  },
  KEY_PRIVATE_OTHER: {
    sentence: 'This private key belongs to another account than {address}.',
    action: 'Look for the key of that account. Nothing was written.',
  },
  KEY_FILE_LOCKED_ALONE: {
    sentence: 'The file {path} is a coldkey that its wallet locked with a password.',
    action: 'Import the folder of that wallet: it is copied as it is, under the password that it has.',
  },
  WALLET_FOLDER_EMPTY: {
    sentence: 'There is no wallet in {path}: neither a coldkey nor a folder of hotkeys.',
    action: 'Choose the folder in which the coldkey lies. Nothing was written.',
  },
  KEYSTORE_BATCH: {
    sentence: 'The file {path} holds several accounts at once.',
    action:
      'Export the one account by itself where the file comes from, then import that. Nothing was written.',
  },
  KEYSTORE_OLD: {
    sentence:
      'The file {path} was written by an old wallet in a form that is no longer read (version {version}).',
    action: 'Import it there, export it again with a newer version, then import that. Nothing was written.',
  },
  KEYSTORE_KIND: {
    sentence:
      'The account in {path} is of the kind {kind}. Coldkeys of this network are of the kind sr25519.',
    action: 'Export an sr25519 account. Nothing was written.',
  },
  KEY_WITHOUT_WORDS: {
    sentence: 'The key file {path} holds a private key alone: neither words nor a seed of it are known.',
    action: 'Keep a copy of the file and its password. Whoever made the key may have its words.',
  },
  BACKUP_WORD: {
    sentence: 'Word {word} is not in the list of words.',
    action: 'Compare it with what you wrote down. Nothing was made.',
  },
  BACKUP_INVALID: {
    sentence: 'These words do not fit each other: one is wrong, missing or out of place.',
    action: 'Compare them with what you wrote down, in their order. Nothing was made.',
  },
  PASSWORD_TOO_SHORT: {
    sentence: 'This password is too short: it has fewer than {least} characters.',
    action: 'Take a longer one. Who has the file can try as many passwords as they like.',
  },
  WALLET_TASK_GONE: {
    sentence: 'This is not open any more.',
    action: 'Begin again on the page. What was made before stays.',
  },
  REVIEW_GONE: {
    sentence: 'This order does not wait any more. Nothing was signed.',
    action: 'Ask for it again on the page, with a new quote.',
  },
  SIGNING_NOT_HERE: {
    sentence:
      'On the network {network} coins are money, so its passwords and words are not typed in a browser, where extensions can read them.',
    action: 'Use the window of the Butterfly app, or a terminal: {command}',
  },
  SIGNING_APP_ONLY: {
    sentence:
      'On the network {network} coins are money, so its passwords and words are not typed in a browser, where extensions can read them.',
    action: 'Use the window of the Butterfly app. A terminal has no command for this.',
  },
  PASSWORD_NOT_HERE: {
    sentence:
      'The wallet “{wallet}” is yours on every network, so its password is not typed in a browser, where extensions can read it.',
    action: 'Use the window of the Butterfly app, or a wallet that is made for this network alone.',
  },
  SIGNING_NO_WINDOW: {
    sentence: 'This Butterfly runs without a window, so nothing can be signed in one.',
    action: 'Start it with a page or in the app, or use its commands at a terminal.',
  },
  KEY_LOCKED: {
    sentence: 'The coldkey {address} is locked.',
    action: 'Open it with its password. Nothing was signed.',
  },
  KEY_PASSWORD_WAIT: {
    sentence: 'Several passwords were wrong. The next one is taken in {seconds} s.',
    action: 'Wait that long. Nothing was signed.',
  },
  KEY_FILE_ABSENT: {
    sentence: 'The key file {path} is not there any more.',
    action: 'Put it back, or choose another wallet. Nothing was signed.',
  },
  KEY_UNKNOWN: {
    sentence: 'There is no key named {name}.',
    action: 'Create it first.',
  },
  KEY_USE_REFUSED: {
    sentence: 'The key {name} does not sign that ({what}).',
    action: 'Nothing was signed. If you did not expect this, send the log from the data folder.',
  },
  HOTKEY_LIVE_ELSEWHERE: {
    sentence: 'This hotkey was started on another machine ({peer}) later than here.',
    action: 'Stop it there, and this one goes on within minutes. Or use another hotkey here.',
  },
  // Model state
  SPOOL_MALFORMED: {
    sentence: 'The average of round {round} cannot be used ({reason}).',
    action: 'Nothing was changed. Butterfly fetches the results again or loads the state from a peer.',
  },
  STATE_FILE_MALFORMED: {
    sentence: 'A model state cannot be used: {reason}.',
    action: 'Nothing was changed. Butterfly loads the state from a peer.',
  },
  STATE_FOREIGN: {
    sentence: 'The folder {path} holds the model state of another run or hotkey.',
    action: 'Start with another --data-dir, or move that folder away.',
  },
  // Rounds
  ROUND_EVIDENCE: {
    sentence: 'The results of round {round} match their signatures but give another model state.',
    action: 'Butterfly loads the committed state and goes on. Please report it with the log.',
  },
  AVERAGES_BROKEN: {
    sentence: 'The average scores of these uids are no numbers, so they get no weight: {uids}.',
    action: 'The others keep theirs. Please report it with the log.',
  },
  HIDDEN_WEIGHTS_OUTDATED: {
    sentence:
      'The weights of block {block} are still hidden, and these uids belong to somebody else since then: {uids}.',
    action:
      'The chain does not count them for the newcomers. The next weights go to who holds the uids then.',
  },
  HIDDEN_WEIGHTS_LOST: {
    sentence: 'The weights committed in block {block} cannot be told any more ({error}).',
    action: 'Those before them stand. Butterfly commits new ones as soon as the chain allows it.',
  },
  WEIGHTS_AGE: {
    sentence: 'No miner has a score above 0, so no weights were set: those of block {block} stand, and age.',
    action:
      'They count until the activity cutoff of the subnet. If miners work, look at why they score 0 (Why, on the page).',
  },
  BASE_UNKNOWN: {
    sentence: 'The chain does not name the model state that this run stands on.',
    action: 'Butterfly waits until the validators have named it again. Training goes on.',
  },
  BASE_NOT_IN_LIST: {
    sentence: 'The chain names a model state in whose list of rounds our round {round} is missing.',
    action: 'Butterfly keeps its own state and waits. Please ask the people who run the validators.',
  },
  STATE_NO_DONOR: {
    sentence: 'No peer could give the model state of round {round}.',
    action: 'Butterfly keeps asking. Check that your firewall lets it connect.',
  },
  // Peers
  PEER_UNREACHABLE: {
    sentence: 'Peer {peer} could not be reached.',
    action: 'Butterfly keeps trying. Check that your firewall lets it connect.',
  },
  PEER_MALFORMED: {
    sentence: 'Peer {peer} sent something that does not fit the protocol ({detail}).',
    action: 'Nothing to do. That peer was left out.',
  },
  PEER_REFUSED: {
    sentence: 'Peer {peer} has nothing to give for this request.',
    action: 'Butterfly asks again later.',
  },
  PEER_BINDING_INVALID: {
    sentence: 'The statement that ties this peer key to its hotkey does not count ({reason}).',
    action: 'Restart Butterfly so that it is made anew. Check the clock of this machine.',
  },
  ROSTER_INVALID: {
    sentence: 'The roster of round {round} cannot be used ({reason}).',
    action: 'This round is left out. Training goes on.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
