/*
 * Which addresses a source may have. Names arrive in answers, and whoever answers for a name may say any address: so
 * what is checked is the address that is connected to, never the name. Plain http goes to loopback only; https to public
 * addresses and the networks that the operator named.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Not public (IANA's special-purpose registries), and the metadata address of a cloud that has a public one. */
const NOT_PUBLIC_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
];
/** Loopback, local, multicast, documentation, and transition forms that hide an IPv4 address. */
const NOT_PUBLIC_V6 = [
  ...['::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
  ...['5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];
const NAT64 = '64:ff9b::';
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** Networks as `address/bits`, or single addresses. Throws RangeError for anything else. */
export function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits, ...rest] = network.split('/');
    const most = isIPv6(address) ? 128 : 32;
    const prefix = bits === undefined ? most : Number(bits);
    const isPrefix = (bits === undefined || /^\d{1,3}$/.test(bits)) && prefix <= most;
    if (isIP(address) === 0 || !isPrefix || rest.length > 0) throw new RangeError('not a network');
    list.addSubnet(address, prefix, familyOf(address));
  }
  return list;
}

function throughNat64(network: string): string {
  const [address, bits] = network.split('/');
  return `${NAT64}${address}/${96 + Number(bits)}`;
}

const notPublic = toBlockList([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V4.map(throughNat64), ...NOT_PUBLIC_V6]);
const loopback = toBlockList(LOOPBACK);

/** Says of an address whether it may be connected to. */
export type Reach = (address: string) => boolean;

export const reachesLoopback: Reach = (address) => has(loopback, address);

/** Public addresses, and those of the given networks. */
export function reachesPublicAnd(networks: readonly string[]): Reach {
  const allowed = toBlockList(networks);
  return (address) => isIP(withoutZone(address)) !== 0 && (has(allowed, address) || !has(notPublic, address));
}

/** An IPv4 address in IPv6 form is checked as the IPv4 address that it is. */
function has(list: BlockList, address: string): boolean {
  const plain = withoutZone(address);
  return list.check(plain, familyOf(plain));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function withoutZone(address: string): string {
  return address.split('%')[0] ?? '';
}
