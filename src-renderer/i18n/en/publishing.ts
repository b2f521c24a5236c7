/** Words of publishing states. */
export const publishing = {
  'publishing.needs.hub':
    'It takes an access token of the Hugging Face Hub with the right to write, kept below under Tokens of services by the name “{name}”.',
  'publishing.needs.s3':
    'It takes a key that may read and write in the bucket, kept below under Tokens of services by the name “{name}”.',
  'publishing.making': 'Makes the files of {what}.',
  'publishing.checking': 'Looks what {place} has of {what}.',
  'publishing.sending': 'Sends {what} to {place}: {done} of {all}.',
  'publishing.committing': '{what} is at {place}, which puts it together.',
  'publishing.held': 'A round averages: next to nothing goes until that is over.',
  'publishing.waits.asked': '{place} asked to be left alone until {time}.',
  'publishing.waits.failed': 'It did not get through, and is tried again at {time}.',
  'publishing.quiet': 'Nothing is on its way now.',
  'publishing.noneYet':
    'Nothing was published yet. It begins after the next round that a run of yours commits.',
  'publishing.state': 'the whole model of round {round}',
  'publishing.update': 'what round {round} changed',
  'publishing.uplink': 'Uplink, last 24 hours',
  'publishing.uplinkUsed': '{sent} went out, {rate} Mbit/s on average.',
  'publishing.uploads': 'Published last',
  'publishing.sent': '{time}: {sent} sent to {place} in {duration}.',
  'publishing.sentFound': '{time}: {sent} sent to {place} in {duration}, {found} was there already.',
  'publishing.failedFor': '{time}: it did not get to {place}. {why}',
  'publishing.failed': '{time}: it did not get to {place}. While that lasts, why stands among the notices.',
  'publishing.try': 'Try this place',
  'publishing.works':
    'It works: a megabyte went to {place} at {sent} a second and came back at {received} a second.',
  'publishing.public': 'Everybody can read there.',
  'publishing.private': 'Nobody else can read there yet.',
} as const;
