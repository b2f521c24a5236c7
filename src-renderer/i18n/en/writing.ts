/** Words of the card that shows what the model writes. */
export const writing = {
  'writing.title.miner': 'What your model writes now',
  'writing.title.validator': 'What the model writes now',
  'writing.after': 'as all agreed on it after round {round}',
  'writing.another': 'another',
  'writing.busy': 'it writes',
  'writing.preparing': 'Nothing yet. It writes once the run has begun and a round has ended.',
  'writing.waiting': 'Nothing yet. It writes after the first round that ends with an average.',
  'writing.first': 'Its first words are on their way.',
  'writing.prompt': 'words of a text that nobody trains on',
  'writing.continuation': 'what the model makes of them',
  'writing.before': 'The same words after round {round}:',
  'writing.ended': 'It says no more.',
} as const;
