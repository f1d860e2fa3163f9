/** Bits of an IPv6 address that are its holder's to choose are left out: one customer of a provider has at least 64 of them. */
const groupsOfNetwork = 4;

/**
 * The name under which an address is counted: an IPv4 address itself, of an IPv6 address the network of 64 bits, since whoever has one
 * address of that has all. What is no address counts as itself.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '');
  const mapped = /^::ffff:([\d.]+)$/i.exec(plain)?.[1];
  if (mapped) return mapped;
  if (!plain.includes(':')) return address;
  const [left = [], right = []] = plain.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = plain.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, groupsOfNetwork);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
