import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../../../src-worker/swarm/mesh/paths/verdict.ts';

const at = (host: string, ...ports: number[]) => ({
  seen: `/ip4/${host}/tcp/50000`,
  reached: ports.map((port) => `/ip4/${host}/tcp/${port}`),
});
const HOME = '8.8.8.8';

describe('whether others reach us', () => {
  it('nobody knows before somebody outside was asked', () => {
    expect(verdictOf([])).toMatchObject({ state: 'unknown', asked: 0 });
    expect(verdictOf([at('192.168.1.7', 4001)])).toMatchObject({ state: 'unknown', asked: 0 });
  });

  it('is so when more than half of those outside reached us, at the addresses where they did', () => {
    const verdict = verdictOf([at(HOME, 4001), at(HOME, 4001, 9), at(HOME)]);
    expect(verdict).toEqual({ state: 'public', addresses: [`/ip4/${HOME}/tcp/4001`], asked: 3, reached: 2 });
  });

  it('is not so by the word of one of three, or of one who sees another house', () => {
    expect(verdictOf([at(HOME, 4001), at(HOME), at(HOME)]).state).toBe('private');
    expect(verdictOf([at(HOME, 4001), at('9.9.9.9', 4001)]).state).toBe('private');
  });

  it('counts one member once, however often it names an address', () => {
    expect(verdictOf([at(HOME, 4001, 4001, 4001), at(HOME), at(HOME)]).addresses).toEqual([]);
  });

  it('leaves out what members in the same house say', () => {
    expect(verdictOf([at('10.0.0.2', 4001), at(HOME)])).toMatchObject({ state: 'private', asked: 1 });
  });
});
