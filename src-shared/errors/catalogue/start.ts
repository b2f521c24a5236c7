import type { CatalogueEntry } from './entry.ts';

/** What keeps Butterfly or one of its runs from starting. */
export const start = {
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
  DATA_DIR_NEWER_KEPT: {
    sentence:
      'The data folder {path} was used by a newer Butterfly (format {found}; this one knows {known}).',
    action:
      'Update Butterfly, or go back: what it held before lies in {backup}, with a text that says how. Nothing was changed.',
  },
  RENAMINGS_DAMAGED: {
    sentence: 'A move inside the data folder was interrupted, and its list {path} cannot be read.',
    action: 'Copy the whole data folder before you do anything, then ask for help: nothing was deleted.',
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
  PATH_NO_FILE: {
    sentence: 'What stands at {path} is a pipe or a device, and no file.',
    action: 'Put a file there, or move it away. Nothing was changed.',
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
  ENGINE_TOO_LARGE: {
    sentence:
      'Training this model takes {neededMib} MiB on the processor at the least, and its engine reaches {mostMib} MiB.',
    action: 'Train it on a graphics card, chosen on the page “Card”, or choose a run with a smaller model.',
  },
  ENGINE_UNAVAILABLE: {
    sentence: 'The training kernels at {path} are missing or do not run on this machine.',
    action: 'Install Butterfly again. From source: npm run build.',
  },
  ENGINE_NO_GPU: {
    sentence: 'No driver of this computer offers a graphics card.',
    action: 'Install the driver of its maker, or train on the processor.',
  },
  CARD_DRIVERS_CRASHED: {
    sentence: 'A driver crashed while this computer’s graphics cards were looked for ({reason}).',
    action: 'Update the drivers of your cards, then look again. Until then the processor trains.',
  },
  CARD_DRIVER_CRASHED: {
    sentence: 'The driver of {device} crashed when it was asked ({reason}).',
    action: 'Update it, then look again.',
  },
  CARDS_SILENT: {
    sentence: 'The drivers of this computer’s graphics cards did not answer.',
    action: 'Start the computer again, then look again. Until then the processor trains.',
  },
  CARD_TWIN: {
    sentence:
      'The drivers list {device} more than once, and the graphics library reaches only the first card of a name.',
    action:
      'The first one can train. For another, let the system show that card alone to Butterfly, as a container does.',
  },
  CARD_REFUSED: {
    sentence: 'The driver of {device} did not tell what it can do ({reason}).',
    action: 'Update it, then look again.',
  },
  CARD_SILENT: {
    sentence: 'The driver of {device} did not answer.',
    action: 'Update it, or start the computer again, then look again.',
  },
  CARD_NOT_GIVEN: {
    sentence: 'The driver lists {device} and does not give it out, or another card’s name holds this one’s.',
    action: 'Update its driver, or take the card by another interface.',
  },
  CARD_IS_PROCESSOR: {
    sentence: '{device} is this computer’s processor playing a graphics card.',
    action: 'The processor trains faster by itself.',
  },
  CARD_GONE: {
    sentence: 'The chosen card, {device}, is not there any more.',
    action: 'Look whether it is plugged in and has its driver, or choose another one on the page “Card”.',
  },
  BENCHMARK_TOO_SLOW: {
    sentence: '{device} is too slow to be measured with this model in the time that a benchmark takes.',
    action: 'Train a smaller model on it.',
  },
  BENCHMARK_LATE: {
    sentence: 'Measuring {device} with this model did not end in the time that a benchmark takes.',
    action: 'Measure again when nothing else works beside. If it stays so, train a smaller model on it.',
  },
  BENCHMARK_ENDED: {
    sentence: 'The program that measured {device} ended before it was done ({reason}).',
    action: 'Close programs that need much memory, then measure again.',
  },
  BENCHMARK_UNSTEADY: {
    sentence:
      '{device} was no slower with two layers than with one, so that more cannot be reckoned from them.',
    action: 'Close programs that use it, then measure again.',
  },
  BENCHMARK_DISTURBED: {
    sentence: 'Training went on while the benchmark ran, and both took from each other.',
    action: 'Measure again, and leave training paused meanwhile.',
  },
  ENGINE_GPU_MEMORY: {
    sentence: 'This model needs {neededMib} MiB on {device}, and that much cannot be had.',
    action: 'Close programs that use it, take fewer sequences at a time, or a run with a smaller model.',
  },
  ENGINE_GPU_SMALL: {
    sentence:
      'Training this model takes {neededMib} MiB on {device} at the least, and {freeMib} MiB are free there.',
    action: 'Close programs that use the card, or choose a run with a smaller model.',
  },
  ENGINE_RAM_SMALL: {
    sentence:
      'Training this model on {device} takes {neededMib} MiB of the memory of this computer beside what the run itself takes of it, and {freeMib} MiB are free.',
    action: 'Close other programs, or choose a run with a smaller model.',
  },
  RAM_SHORT: {
    sentence:
      'This run takes up to {neededMib} MiB of the memory of this computer, and {freeMib} MiB were free when it started.',
    action: 'Close other programs, or the computer may become slow and end the run.',
  },
  DISK_SHORT: {
    sentence:
      'This run takes up to {neededMib} MiB more on the disk that holds {path}, and {freeMib} MiB are free there.',
    action: 'Free some space before it is full; a run that finds no room waits for it.',
  },
  ENGINE_DEVICE_LOST: {
    sentence: 'The driver gave {device} up ({reason}).',
    action: 'Butterfly starts it again and goes on from the last snapshot.',
  },
  ENGINE_LOST_OFTEN: {
    sentence: 'The driver of {device} failed again and again, however little was asked of it.',
    action:
      'Update its driver, and look whether it is too hot or overclocked. The card is tried again in a week, or when you choose another.',
  },
  ENGINE_SMALLER_PASSES: {
    sentence: '{device} failed twice within ten minutes ({how}), so less goes through it at a time.',
    action: 'Nothing is lost; a step may take a little longer. Updating the driver often helps.',
  },
  ENGINE_WITHOUT_HALF: {
    sentence:
      '{device} failed again and again ({how}), so less goes through it at a time, and it multiplies in 32 bits.',
    action: 'Nothing is lost; steps take longer. Update its driver, and look whether the card is too hot.',
  },
  ENGINE_WRONG: {
    sentence: '{device} computes gradients that are {apart} apart from those of the processor.',
    action: 'Update its driver. Until then the processor trains.',
  },
  ENGINE_OVERFLOW: {
    sentence: 'Numbers of this model do not fit into 16 bits on the graphics card.',
    action: 'Choose the processor in Settings for this run.',
  },
  ENGINE_FELL_BACK: {
    sentence: 'The processor trains, because the graphics card cannot. {why}',
    action: 'Update its driver, or choose the processor in Settings. Nothing is lost.',
  },
  ENGINE_NONE: {
    sentence: 'Neither {chosen} nor the processor can train this model. {why} {whyProcessor}',
    action:
      'See to the first: update the card’s driver, or close programs that use its memory. Or choose a run with a smaller model.',
  },
  ENGINE_SHAPE: {
    sentence: 'The graphics card’s kernels do not fit this model ({shape}).',
    action: 'Train it on the processor.',
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
      'Press Practice ({program} practice), or name the profile.json that {program} devnet wrote for its chain.',
  },
  DATASET_NOT_PINNED: {
    sentence: 'The data set of {name} cannot be pinned. {why}',
    action: 'Look at its id, revision and folder in the profile, then pin it again. Nothing was changed.',
  },
  PROFILE_UNPINNED: {
    sentence: 'The profile {name} is not pinned yet: peers could take different things for its {parts}.',
    action:
      'Its author pins it: save it as a file, run {program} run pin FILE, and hand that file on. Meanwhile you can practise.',
  },
  RUN_NOT_ANNOUNCED: {
    sentence: 'The owner of subnet {netuid} announces no run there.',
    action: 'Check the number, or join by the file of a profile that its author gave you.',
  },
  ANNOUNCEMENT_OLDER: {
    sentence:
      'This node shows what was announced on subnet {netuid} at block {block}; this computer has seen what was announced at block {newest} already.',
    action: 'The node is behind, or lies. Choose another endpoint and try again.',
  },
  ANNOUNCEMENT_AHEAD: {
    sentence:
      'What is announced on subnet {netuid} says that it is of block {block}; the chain is final up to block {newest}.',
    action:
      'Nothing was opened: it would hide whatever is announced there later. Ask the subnet’s owner to announce the run again.',
  },
  ANNOUNCEMENT_NEARBY: {
    sentence: 'The announcement points into your own computer or network ({store}), and it is a stranger’s.',
    action: 'Nothing was opened. If that place is really meant, name it yourself with --store.',
  },
  RUN_STORE_SILENT: {
    sentence: 'The store {store} did not give the run’s profile ({why}).',
    action: 'Try again later, or take the profile from another place with --store.',
  },
  RUN_STORE_WITHOUT_PROFILE: {
    sentence: 'The store {store} does not have the profile that is announced.',
    action: 'Ask the run’s owner, or take the profile from another place with --store.',
  },
  RUN_FILE_EXISTS: {
    sentence: '{path} is there already, and a draft takes nothing’s place.',
    action: 'Name another file, or move that one away. What was changed on chain stays.',
  },
  PROFILE_WITHOUT_PEERS: {
    sentence: 'The profile {name} names no peer that newcomers could ask first, from wherever they are.',
    action:
      'Write the address of one that is always there into local.bootstrap, like /ip4/203.0.113.5/tcp/4001.',
  },
  STORE_NOT_FOR_OTHERS: {
    sentence: 'Others cannot read {store}: it is a place of this computer or of the network around it.',
    action: 'Announce a store that everybody reaches: hub:user/name, https://host/path/ or s3:host/bucket.',
  },
  RUN_PUT_BY_HAND: {
    sentence: 'The store {store} does not give the profile yet.',
    action:
      'Publish that profile there, or put it there as {path}, with that very name. Then say the same again.',
  },
  RUN_NOT_READ_BY_OTHERS: {
    sentence: 'The profile lies in {store} now, and others cannot read it there ({why}).',
    action:
      'Let everybody read that place, or, for a bucket, say the address with a key that can only read: s3:host/bucket#keyId:secretKey. Then say the same again.',
  },
  PREDECESSOR_OTHER: {
    sentence:
      'The run says it takes over from one ({predecessor}…) that names another owner, subnet or chain.',
    action:
      'Only who owns a run can say what follows it. Ask the owner of the run before, or leave out what it takes over from.',
  },
  RUN_SUCCEEDED: {
    sentence: 'The owner of {run} announces “{name}”, which takes over from it.',
    action:
      'Home shows what it does otherwise, and leads over; at a terminal: {program} follow. Nothing changes by itself.',
  },
  SUCCESSOR_OTHER: {
    sentence: 'The run with the hash {hash}… does not take over from this one, or not any more.',
    action: 'Look again at what follows: on Home, or at a terminal with {program} follow.',
  },
  TEXT_FOLDER_NEEDED: {
    sentence: 'The run trains on files of a team (“{name}”), and nobody said where they lie here.',
    action: 'Name the folder with --text-folder, or in local.textFolder of the profile.',
  },
  RUN_HASH_OTHER: {
    sentence: 'The run that is announced has the hash {found}, and not one that begins with {accepted}.',
    action: 'Look at it first: the same command without --accept shows it and asks.',
  },
  PROFILE_HASH_WRONG: {
    sentence: 'What the store {store} gives is not the profile that is announced ({announced}…).',
    action:
      'Do not trust that store. Tell the run’s owner, or take the profile from another place with --store.',
  },
  PROFILE_CHAIN_OTHER: {
    sentence:
      'The profile that is announced on subnet {netuid} is for another place: subnet {named}, or another chain.',
    action: 'It is somebody else’s run under this number. Nothing was spent: tell the subnet’s owner.',
  },
  PROFILE_OWNER_OTHER: {
    sentence: 'The profile of subnet {netuid} names {named} as owner, and on chain that is {owner}.',
    action:
      'The subnet has changed hands, or the run is somebody else’s. Join only what its owner tells you.',
  },
  PROFILE_FILE_UNREADABLE: {
    sentence: 'The run profile {path} could not be read.',
    action: 'Check the name of the file, and that your user may read it.',
  },
  PROFILE_INVALID: {
    sentence: 'The run profile is not valid: {reason}.',
    action: 'Ask its author for a corrected file.',
  },
  WINDOW_RELOADED: {
    sentence: 'The page in the window ended unexpectedly ({reason}) and was loaded again.',
    action: 'Nothing is to be done: training is no part of it and went on.',
  },
  WINDOW_FAILED: {
    sentence: 'The page in the window ended unexpectedly again ({reason}) and was left as it is.',
    action:
      'Quit from the tray and start Butterfly again. Training is no part of the page and goes on until then.',
  },
  GPU_PROCESS_GONE: {
    sentence:
      'The part of Electron that draws the window ended unexpectedly ({reason}) and was started again.',
    action:
      'If it comes back, turn off “Draw the window with the graphics card” in Settings. Training is no part of it.',
  },
  LOGIN_START_UNAVAILABLE: {
    sentence: 'This Butterfly cannot be started with the computer by itself.',
    action: 'Install it, or add it to the programs that your system starts.',
  },
} as const satisfies Record<string, CatalogueEntry>;
