import { BlockList, isIP } from 'node:net';

/** Networks that no name of a service leads to: of this host, of one link (and so the metadata of clouds), of many receivers. */
const unusable = networks([
  ...['0.0.0.0/8', '169.254.0.0/16', '100.100.100.200/32', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', 'fe80::/10', 'fd00:ec2::254/128', 'ff00::/8', '2001::/32', '2002::/16', '64:ff9b:1::/48'],
]);
/** Networks that are not reached from the internet (IANA's registries of special-purpose addresses). */
const internal = networks([
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'],
  ...['192.0.0.0/24', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  ...['::/96', 'fc00::/7', 'fec0::/10', '2001:db8::/32'],
]);

/** With an IPv4 network also that part of IPv6 by which NAT64 reaches it; a mapped address (`::ffff:10.0.0.1`) is checked as what it maps. */
function networks(list: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const network of list) {
    const [address = '', bits] = network.split('/');
    const isIPv4 = isIP(address) === 4;
    blocks.addSubnet(address, Number(bits), isIPv4 ? 'ipv4' : 'ipv6');
    if (isIPv4) blocks.addSubnet(`64:ff9b::${address}`, 96 + Number(bits), 'ipv6');
  }
  return blocks;
}

/** The host of a URL: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** From where an address is reached: the internet, this machine or its network, or as a service not at all. */
export function reachOf(address: string): 'public' | 'internal' | 'unusable' {
  const family = isIP(address);
  if (family === 0) return 'unusable';
  const plain = address.replace(/%.*$/, '');
  const isIn = (blocks: BlockList) => blocks.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  if (isIn(unusable)) return 'unusable';
  return isIn(internal) ? 'internal' : 'public';
}

/** True for a name that no public DNS has: of one label, or of a domain that is kept for local use. */
export const isInternalName = (host: string): boolean =>
  !host.replace(/\.$/, '').includes('.') || /\.(localhost|local|internal|home\.arpa|lan|test)\.?$/i.test(host);

/** True for a URL that leads to this machine, by a name or an address. */
export function isLoopbackUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  const isName = hostname === 'localhost' || hostname.endsWith('.localhost');
  return isName || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
