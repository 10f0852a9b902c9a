/** Groups, counts, thins and cuts lists. */
import { plural } from "./text.ts";

/** By key, in order of first appearance. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, [T, ...T[]]> {
	const groups = new Map<K, [T, ...T[]]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group) group.push(item);
		else groups.set(key, [item]);
	}
	return groups;
}

/** The last item of each key, in order of first appearance. */
export const unique = <T>(items: readonly T[], keyOf: (item: T) => unknown): T[] => [
	...new Map(items.map((item) => [keyOf(item), item])).values(),
];

export function countBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, number> {
	const counts = new Map<K, number>();
	for (const item of items) addTo(counts, keyOf(item));
	return counts;
}

export const mostFirst = <K>(counts: ReadonlyMap<K, number>): [K, number][] => [...counts].sort((a, b) => b[1] - a[1]);

export function addTo<K>(counts: Map<K, number>, key: K): void {
	counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
	return Array.from(items, of).reduce((all, one) => all + one, 0);
}

/** At most `most` items, evenly spread, including the first and the last. */
export function spread<T>(items: readonly T[], most: number): T[] {
	if (items.length <= most || most < 2) return items.slice(0, Math.max(0, most));
	return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]).flatMap(
		(one) => one ?? [],
	);
}

/** Texts of the first items, and of how many more there are. */
export const some = <T>(
	list: readonly T[],
	most: number,
	text: (one: T) => string,
	more = (n: number) => `and ${n} more`,
): string[] => [...list.slice(0, most).map(text), ...(list.length > most ? [more(list.length - most)] : [])];

/** The texts of five items, and of how many more there are. */
export const few = <T>(list: readonly T[], noun: string, text: (one: T) => string): string[] =>
	some(list, 5, text, (n) => `… and ${plural(n, noun)}: --json has all`);
