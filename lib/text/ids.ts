/** Ids of runs and events: ULIDs. */
export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
/** Crockford's base 32: none that are mistaken for another when read aloud. */
export const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** When an id was made, in ms since 1970: its first ten characters, in base 32; NaN for none. */
export const timeOfId = (id: string): number =>
	id.length < 10 ? Number.NaN : Array.from(id.slice(0, 10)).reduce((sum, digit) => sum * 32 + DIGITS.indexOf(digit), 0);

/** The end of an id, as a number: a hundred thousand of them take a few MB. */
export const tailOfId = (id: string): number => Number.parseInt(id.slice(-10), 36);
