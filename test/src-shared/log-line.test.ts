import { describe, expect, it } from 'vitest';
import { readLogLine } from '../../src-shared/log-line.ts';

const AT = '2026-11-30T07:40:57.293Z';

describe('a line of the log', () => {
  it.each([
    [`${AT} Butterfly 0.1.0 starts`, 'host', 'info', 'Butterfly 0.1.0 starts'],
    [`${AT} companion-2: start: network`, 'companion-2', 'info', 'companion-2: start: network'],
    [`${AT} train computes on processor`, 'train', 'info', 'train computes on processor'],
    [`${AT} training goes well`, 'host', 'info', 'training goes well'],
    [`${AT} fault: DISK_FULL {}`, 'host', 'fault', 'fault: DISK_FULL {}'],
    [`${AT} 5Dfh1234 attention: PORT_IN_USE {}`, 'host', 'attention', '5Dfh1234 attention: PORT_IN_USE {}'],
    [`${AT} train: TypeError: x is no function`, 'train', 'fault', 'train: TypeError: x is no function'],
    [`${AT} train is ended: idle and silent`, 'train', 'attention', 'train is ended: idle and silent'],
  ])('says when, who and how serious: %s', (line, process, level, text) => {
    expect(readLogLine(line)).toEqual({ atMs: Date.parse(AT), process, level, text });
  });

  it('without a time is the host’s, whatever it is', () => {
    expect(readLogLine('')).toEqual({ atMs: null, process: 'host', level: 'info', text: '' });
    expect(readLogLine('    at serve.js:1')).toMatchObject({ atMs: null, level: 'fault' });
  });
});
