/**
 * What a browser wallet's library (`@polkadot/keyring` 14.0.3) exported of the public test account and of others from
 * its words, under one password.
 */
export const EXPORT_PASSWORD = 'pass wörd 38';

export interface Exported {
  encoded: string;
  encoding: { content: string[]; type: string[]; version: string };
  address: string;
}

const exported = (kind: string, address: string, encoded: string): Exported => ({
  encoded,
  encoding: { content: ['pkcs8', kind], type: ['scrypt', 'xsalsa20-poly1305'], version: '3' },
  address,
});

export const keystore = exported(
  'sr25519',
  '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV',
  'iKQgrrz7VlU8ygqCBlawt4gurqc/D1r+IRCygTQMIjoAAAIAAQAAAAgAAACFMaoKY/B+QJ4reEifpQHAybydglpQNLQv3YBp8qmxFvbwiAc1+i0H' +
    'ngO9uIsoTZzUU8DmoQVSozuMc5TcUiMd6yw3z9++9A6Z0szvErR2/6O9ecy0xtig87bq9z9WTTPwhATY1wDRbrJvo4KYUVDiN8j6mgH/iXp1WLFL' +
    'DlikiPL22XyRVzM47ektPFAa2A+ccwrZwRRrT7XfNs5n',
);

/** Of `/soft//hard` behind the same words. */
export const derivedKeystore = exported(
  'sr25519',
  '5GC6E1WAxPipKpaDhEjApNKLoinX5uZ72cqh9aPnbmydNPzB',
  'bQ7mo9E78IFOB+4K8w9GMZuS/U834pmzN5NUa+44eoMAAAIAAQAAAAgAAAAT7Y3iqGBVfY6riFUNSxK/LmOVzGy9dcSVf4PyEmJt56mN6J77FPBT' +
    'zFMK1/axImurIZAHcTX92wVQkVIJt/xYrsIwhoUVTe1hHuQjvoMgGo8U2kTtjNPvZ2BlaW8Lk89erU1iS05Ka5xQkEkfwUr3hAN2gB29hyjjr5vo' +
    'fv7LHPhNYysxWCp50/Y6SaGBidmwXogwhQ/umVhiw3k9',
);

export const edwardsKeystore = exported(
  'ed25519',
  '5DFJF7tY4bpbpcKPJcBTQaKuCDEPCpiz8TRjpmLeTtweqmXL',
  'HcOb1ss9wvyiDlIZRoRnfvo25F/G7GgRYFaux/qaEIgAAAIAAQAAAAgAAACMFj73UmSsATuERl+y0jkPzTnw3NFRctX/2Emsl7ot4IOybjos+FZL' +
    'lXzbKRko8ddAS47LG8I+B4gKjRj4EXBXigxVZIT1SytlOTgrmXs2ASKq1bmix9QTKQBvv0WvrbStMeencpsU7B9+kdOJ2+R67b/eBgjcYa/guAxR' +
    '25V0bPqjwvuXuHXz2l2SmtUvyS72JtxX0bxpM75DzujQ',
);
