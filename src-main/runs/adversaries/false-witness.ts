import { turnedDigest } from '../../../src-shared/contract/adversary.ts';
import { encodeRecord, parseRecord } from '../../../src-shared/rounds/record.ts';
import type { RecordWriter } from '../../rounds/commands.ts';

/** Writes results that nobody computed: the record that its rounds wanted, with every bit of the result turned. */
export const writingFalsely = (writer: RecordWriter): RecordWriter => ({
  writeRecord(write, signal) {
    const record = parseRecord(write.field);
    const field = record?.resultId
      ? encodeRecord({ ...record, resultId: turnedDigest(record.resultId) })
      : write.field;
    return writer.writeRecord({ ...write, field }, signal);
  },
});
