/** Which hosts are this machine: only to it may plain HTTP carry a key. No I/O. */

/** By a host as URL writes it (`URL.hostname`). A name that ends so must still lead here: `isLoopback` tells of its address. */
export const isThisMachine = (host: string): boolean =>
	/^(?:[a-z0-9-]+\.)*localhost$/.test(host) || isLoopback(host.replace(/^\[|\]$/g, ""));

/** By an address: all that begin with 127, these mapped into IPv6 (in either spelling), and ::1. */
export const isLoopback = (address: string): boolean =>
	/^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3}|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})$/i.test(address);
