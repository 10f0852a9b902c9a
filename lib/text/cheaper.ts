/** What is the cheaper way to many things: to read them in a list, or to ask for them one by one. Pure. */

/** Up to so many are asked for one by one. */
export const FEW = 10;
/** Pages after which a list must be seen to be the cheaper way. */
const TRIAL = 30;

/** How far a list has been read: the times of its newest and its oldest (ms), and its pages. */
export interface Read {
	newest: number;
	oldest: number;
	pages: number;
}

/**
 * Whether a list is to be read on, rather than what is `left` asked for one by one: times (ms) to which it must go back,
 * newest first. It is where some of them take fewer pages, as dense as those so far. `most` pages are read.
 */
export function readsOn(left: readonly number[], { newest, oldest, pages }: Read, most: number): boolean {
	if (!left.length || pages >= most) return false;
	if (pages < Math.min(TRIAL, most / 4, left.length / 4)) return true;
	const perPage = Math.max(1, (newest - oldest) / pages);
	return left.some((at, before) => (oldest - at) / perPage < before + 1);
}
