import type { CatalogueEntry } from './entry.ts';

/** Model states, rounds and peers. */
export const rounds = {
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
  // Models of other programs
  MODEL_FILE_MALFORMED: {
    sentence: 'The file is no whole safetensors file: {reason}.',
    action: 'Nothing was loaded. Copy or download it again; if it stays, ask whoever wrote it.',
  },
  MODEL_FILE_FOREIGN: {
    sentence: 'The model is no GPT-2 of the kind that Butterfly trains: {reason}.',
    action: 'Nothing was loaded. Choose a folder with config.json and model.safetensors of a GPT-2.',
  },
  MODEL_FILE_NOT_FINITE: {
    sentence: 'The model is spoilt: {tensor} holds values that are no numbers.',
    action: 'Nothing was loaded. Take an earlier copy of it.',
  },
  MODEL_FILE_MISSING: {
    sentence: 'There is no model at {path}: {name} is missing.',
    action: 'Name a folder that holds config.json and model.safetensors.',
  },
  MODEL_MEMORY: {
    sentence: 'Looking at this model takes {neededMib} MiB of memory, and that much cannot be had.',
    action: 'Close other programs, or look at it on a larger computer. Nothing was changed.',
  },
  MODEL_TEXT_REFUSED: {
    sentence: 'The model cannot go on with this text: {reason}.',
    action: 'Begin with a shorter one.',
  },
  MODEL_FOLDER_TAKEN: {
    sentence: 'The folder {path} is there already and is not empty.',
    action: 'Name a folder that is not there yet. Nothing was written.',
  },
  MODEL_STATE_MISSING: {
    sentence: 'There is no whole model state at {path} to be exported.',
    action: 'Start the run once, so that it has a model, then export again.',
  },
  MODEL_NO_RUN: {
    sentence: 'No run in {path} has a model that could be exported.',
    action: 'Practise or join a run first, or name its data folder by --data-dir and its hotkey by --run.',
  },
  // Rounds
  ROUND_EVIDENCE: {
    sentence: 'The results of round {round} match their signatures but give another model state.',
    action: 'Butterfly loads the committed state and goes on. Please report it with the log.',
  },
  WITNESS_CONTRADICTS: {
    sentence: 'Witness {hotkey} signed two different rosters or results lists of round {round}.',
    action: 'The first one that arrived counts. Please tell the people who run the validators.',
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
  WEIGHTS_THIN: {
    sentence:
      'No weights were set: the work of {checked} miners was checked in the last {blocks} blocks, and {needed} are needed.',
    action:
      'Those before them stand. Butterfly sets new ones once it has checked enough; it does so round by round.',
  },
  WEIGHTS_TOO_FEW: {
    sentence:
      'No weights were set: {uids} uids have earned something, and the subnet’s limit on one weight needs {needed}.',
    action:
      'Those before them stand. Nothing is given to who earned nothing; the subnet’s owner turns that limit.',
  },
  WEIGHTS_EXPIRE: {
    sentence: 'The weights of block {block} count until block {from}, which is {blocks} blocks from now.',
    action:
      'From then on the chain takes this validator for inactive. Look at why no new ones are set: the notices and `weights` say it.',
  },
  // Disputes
  DISPUTE_NOTHING: {
    sentence: 'No validator’s signed word on this hotkey lies here yet.',
    action: 'Wait for the end of a round in which you took part: your validators’ cards come then.',
  },
  DISPUTE_FILE_TAKEN: {
    sentence: 'The file {path} is there already.',
    action: 'Name a file that is not there yet. Nothing was written.',
  },
  NO_VALIDATOR: {
    sentence: 'No validator of this kind is at work here, so there are no weights to show.',
    action: 'Start a run in the role of a validator, or name one by --run.',
  },
  DISPUTE_MALFORMED: {
    sentence: 'The file is no dispute file of Butterfly ({reason}).',
    action: 'Ask whoever sent it for the file as it was exported.',
  },
  DISPUTE_FOREIGN: {
    sentence: 'The dispute is about another run ({hash}…), of which nothing works here.',
    action: 'Check it where that run is at work.',
  },
  DISPUTE_ALTERED: {
    sentence: 'The dispute file was altered: the signature of its {what} does not hold.',
    action: 'Nothing of it counts. Ask whoever sent it for the file as it was exported.',
  },
  BASE_UNKNOWN: {
    sentence: 'The chain does not name the model state that this run stands on.',
    action: 'Butterfly waits until the validators have named it again. Training goes on.',
  },
  BASE_NOT_IN_LIST: {
    sentence: 'The chain names a model state in whose list of rounds our round {round} is missing.',
    action: 'Butterfly keeps its own state and waits. Please ask the people who run the validators.',
  },
  RESULTS_MISSING: {
    sentence: 'No peer could give all results of round {round} that its list names.',
    action: 'Butterfly keeps asking until the round is over. Check that your firewall lets it connect.',
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
