/** Ids of runs and events: ULIDs. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** When an id was made, in ms since 1970: its first ten characters, in Crockford's base 32; NaN for none. */
export const timeOfId = (id: string): number =>
	id.length < 10 ? Number.NaN : Array.from(id.slice(0, 10)).reduce((sum, digit) => sum * 32 + DIGITS.indexOf(digit), 0);

/** The end of an id, as a number: a hundred thousand of them take a few MB. */
export const tailOfId = (id: string): number => Number.parseInt(id.slice(-10), 36);
