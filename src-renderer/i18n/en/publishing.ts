/** Words of publishing states. */
export const publishing = {
  'publishing.needs.hub':
    'It takes an access token of the Hugging Face Hub with the right to write, kept below under Tokens of services by the name “{name}”.',
  'publishing.needs.s3':
    'It takes a key that may read and write in the bucket, kept below under Tokens of services by the name “{name}”.',
  'publishing.try': 'Try this place',
  'publishing.works':
    'It works: a megabyte went to {place} at {sent} a second and came back at {received} a second.',
  'publishing.public': 'Everybody can read there.',
  'publishing.private': 'Nobody else can read there yet.',
} as const;
