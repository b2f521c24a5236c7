/** What a subnet says of itself on chain, field by field, as text. Its owner writes all of it at once. */
export interface SubnetIdentity {
  readonly name: string;
  readonly repository: string;
  readonly contact: string;
  readonly url: string;
  readonly discord: string;
  readonly description: string;
  readonly logoUrl: string;
  readonly additional: string;
}

/** Longest UTF-8 of each field: the chain refuses the whole for one byte more. */
export const SUBNET_IDENTITY_BYTES: Readonly<Record<keyof SubnetIdentity, number>> = {
  name: 256,
  repository: 1_024,
  contact: 1_024,
  url: 1_024,
  discord: 256,
  description: 1_024,
  logoUrl: 1_024,
  additional: 1_024,
};

export const NO_IDENTITY: SubnetIdentity = {
  ...{ name: '', repository: '', contact: '', url: '' },
  ...{ discord: '', description: '', logoUrl: '', additional: '' },
};

export const identityFields = Object.keys(SUBNET_IDENTITY_BYTES) as readonly (keyof SubnetIdentity)[];

/** The first field that is too long for the chain; null where all fit. */
export const fieldTooLong = (identity: SubnetIdentity): keyof SubnetIdentity | null =>
  identityFields.find(
    (field) => new TextEncoder().encode(identity[field]).length > SUBNET_IDENTITY_BYTES[field],
  ) ?? null;
