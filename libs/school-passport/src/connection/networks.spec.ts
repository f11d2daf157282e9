import { describe, expect, it } from '@jest/globals';
import { reachesLoopback, reachesPublicAnd, toBlockList } from './networks.js';

describe('over https', () => {
  it.each([
    ['a public address', '93.184.216.34'],
    ['a public IPv6 address', '2606:4700::6810:84e5'],
    ['a public address in IPv6 form', '::ffff:93.184.216.34'],
    ['a public address behind NAT64', '64:ff9b::5db8:d822'],
  ])('%s is reached', (_name, address) => {
    expect(reachesPublicAnd([])(address)).toBe(true);
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.8.8.8'],
    ['loopback', '::1'],
    ['no address', '0.0.0.0'],
    ['no address', '::'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ["a carrier's", '100.64.0.1'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['unique-local', 'fd12:3456::1'],
    ['site-local', 'fec0::1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ["a cloud's metadata", '169.254.169.254'],
    ["a cloud's metadata", 'fd00:ec2::254'],
    ["a cloud's metadata", '100.100.100.200'],
    ["a cloud's metadata", '192.0.0.192'],
    ["a cloud's metadata", '168.63.129.16'],
    ['private in IPv6 form', '::ffff:10.0.0.1'],
    ['loopback in IPv6 form, in hex', '::ffff:7f00:1'],
    ['loopback in the old IPv6 form', '::127.0.0.1'],
    ['metadata behind NAT64', '64:ff9b::a9fe:a9fe'],
    ['private through 6to4', '2002:0a00:0001::1'],
    ['no address at all', 'source.example.org'],
  ])('%s is refused: %s', (_name, address) => {
    expect(reachesPublicAnd([])(address)).toBe(false);
  });

  it('a network that the operator named is reached, and no other', () => {
    const reach = reachesPublicAnd(['10.20.0.0/16', 'fd12::/16', '192.168.1.7']);
    for (const address of ['10.20.9.9', '::ffff:10.20.9.9', 'fd12::1', '192.168.1.7', '93.184.216.34']) {
      expect(reach(address)).toBe(true);
    }
    for (const address of ['10.21.0.1', 'fd13::1', '192.168.1.8', '127.0.0.1']) {
      expect(reach(address)).toBe(false);
    }
  });
});

it('over plain http only loopback is reached', () => {
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map(reachesLoopback)).toEqual([true, true, true]);
  expect(['10.0.0.1', '93.184.216.34', '::ffff:93.184.216.34'].some(reachesLoopback)).toBe(false);
});

it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'example.org', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x'])(
  '%s is no network',
  (network) => {
    expect(() => toBlockList([network])).toThrow(RangeError);
  },
);
