import type { CatalogueEntry } from './entry.ts';

/** Orders, quotes and what became of them. */
export const money = {
  LEDGER_OLDER: {
    sentence: 'The ledger was last written by an older Butterfly.',
    action: 'Start Butterfly once on that data folder: it brings the ledger up to date.',
  },
  LEDGER_PART_UNKNOWN: {
    sentence: 'The ledger changed while it was being read.',
    action: 'Save the file again.',
  },
  QUOTE_EXPIRED: {
    sentence: 'This quote is too old: prices move.',
    action: 'Take the new one. Nothing was signed.',
  },
  CONSENT_NOT_TYPED: {
    sentence: 'What was typed is not {expected}.',
    action: 'Type exactly that to agree. Nothing was signed.',
  },
  SETTING_WHILE_SIGNING: {
    sentence:
      'An order waits in the signing window, and this setting says which chain node it was asked at, or whose key signs it.',
    action: 'Sign, deny or withdraw the order first. The setting was not changed.',
  },
  REVIEW_OUTDATED: {
    sentence: 'The chain changed its rules after you looked this over, or it is asked at another node now.',
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
  SUBNET_NOT_YOURS: {
    sentence: 'Subnet {netuid} belongs to another coldkey.',
    action: 'Choose the wallet that owns it, or a subnet of your own. Nothing was signed.',
  },
  SUBNETS_FULL: {
    sentence: 'The chain has as many subnets as it takes, and none that gives way now.',
    action: 'Try again later. Only the fee was spent.',
  },
  SUBNET_NAME_NEEDED: {
    sentence: 'Subnet {netuid} has no name on chain yet, and a run is told from others by it.',
    action: 'Say what it is to be called with --subnet-name. Nothing was signed.',
  },
  SUBNET_FIELD_TOO_LONG: {
    sentence: 'The chain takes at most {most} bytes for the subnet’s {field}.',
    action: 'Make it shorter. Nothing was signed.',
  },
  SUBNET_SO_ALREADY: {
    sentence: 'Subnet {netuid} stands on chain like that already.',
    action: 'Nothing is to be done, and nothing was signed.',
  },
  SUBNET_STARTED_ALREADY: {
    sentence: 'Emission of subnet {netuid} has been started already.',
    action: 'Nothing is to be done: it cannot be started twice.',
  },
  SUBNET_STARTS_LATER: {
    sentence: 'The chain does not start a subnet so soon after it was opened.',
    action: 'Try again later: the chain wants about a week between the two.',
  },
  RULES_REST: {
    sentence: 'The chain takes no changes of rules in the blocks before an epoch.',
    action: 'Try again in a few minutes.',
  },
  TOLERANCE_INVALID: {
    sentence: 'A tolerance is between {least} % and {most} %.',
    action: 'Choose one in between: 1 % is usual. Nothing was signed.',
  },
  NO_QUOTE: {
    sentence: 'The chain names no price for this order on subnet {netuid}.',
    action: 'Try a smaller amount. Without a price nothing is signed.',
  },
  ORDER_UNREADABLE: {
    sentence:
      'An order of this coldkey is open that another version of Butterfly noted, and this one cannot read.',
    action:
      'Let that version finish it, or use the newer one. A day after it was signed it bars nothing any more. Nothing was signed.',
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
  AMOUNT_TOO_LOW_USUALLY: {
    sentence: 'Subtensor takes no order below {least}; this chain does not tell a least of its own.',
    action: 'Choose a larger amount. Taking out everything is always possible.',
  },
  NOMINATION_CLEARED: {
    sentence:
      'What would stay is worth less than {least}, the least that this chain leaves on somebody else’s hotkey: it is taken out, too.',
    action: 'Leave more there, or take “All”.',
  },
  NOMINATION_SMALL: {
    sentence:
      'This chain leaves no less than {least} on somebody else’s hotkey: a smaller stake may be paid back at any time.',
    action: 'Stake more, if it is to stay.',
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
    sentence: 'A part of this stake is locked: {available} can be taken out or given away.',
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
  RECEIVER_NAME_UNKNOWN: {
    sentence: 'Nobody is called {name} in the address book, and no wallet here is.',
    action: 'Check the name, or give the whole address. Nothing was signed.',
  },
  RECEIVER_NAME_AMBIGUOUS: {
    sentence: '{name} is the name of two accounts: {first} and {second}.',
    action: 'Give the whole address of the one that you mean. Nothing was signed.',
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
  SUBNET_PRICE_UNCAPPED: {
    sentence:
      'No chain holds the price of a subnet to a limit: it doubles with each that somebody opens, so whoever is first before you makes it {worst}.',
    action: 'What was really paid is shown afterwards.',
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
} as const satisfies Record<string, CatalogueEntry>;
