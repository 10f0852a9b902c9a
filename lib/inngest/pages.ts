/** Lists that a server gives in pages: the one place that follows their cursors. */
import * as z from "zod/mini";
import { SkillError } from "../text/errors.ts";
import { plural } from "../text/text.ts";
import type { Api } from "../wire/client.ts";
import { many, maybe } from "../wire/lenient.ts";
import type { Request } from "../wire/request.ts";

export const Page = <S extends z.ZodMiniType>(item: S, more = false) =>
	z.object({ data: many(item, more), page: z.nullish(z.object({ cursor: maybe })) });

/** A page, and the cursor of the next; none after the last. */
export interface Leaf<T> {
	items: readonly T[];
	next: string | undefined;
}

/** Cloud may give pages that are empty and not the last (documented); so many on end that hold nothing new are a fault. */
const EMPTY = 100;

/**
 * The pages of a list from `cursor` on, with what was not on an earlier one. Throws SkillError where cursors lead nowhere:
 * a server has made 958,900 requests of one call by giving two in turn.
 */
export async function* follow<T>(
	read: (cursor: string | undefined) => Promise<Leaf<T>>,
	cursor?: string,
): AsyncGenerator<T[]> {
	const cursors = new Set([cursor]);
	const ids = new Set<string>();
	let empty = 0;
	for (let at = cursor; ; ) {
		const { items, next } = await read(at);
		const fresh = items.filter((item) => {
			const id = idOf(item);
			return id === undefined || ids.size < ids.add(id).size;
		});
		empty = fresh.length ? 0 : empty + 1;
		if (empty > EMPTY) throw astray(`gave ${empty} pages on end with nothing new`);
		yield fresh;
		if (next === undefined) return;
		if (cursors.size === cursors.add(next).size)
			throw astray(`begins the list again after ${plural(cursors.size, "page")}`);
		at = next;
	}
}

/** No ServerError: what waits would ask such a server again and again. */
export const astray = (how: string): SkillError =>
	new SkillError(`The server ${how}.`, "Narrow it with --since and --until.", 1);

const Run = z.object({ id: z.string() });
const Event = z.object({ internal_id: z.string() });
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** What a run or an event is known by; names of apps and functions may be there twice. */
function idOf(item: unknown): string | undefined {
	const id = z.safeParse(Event, item).data?.internal_id ?? z.safeParse(Run, item).data?.id;
	return id !== undefined && ULID.test(id) ? id : undefined;
}

/** The pages of a v2 list, until the server names no further cursor. */
export const pages = <S extends z.ZodMiniType>(api: Api, request: Request, item: S): AsyncGenerator<z.output<S>[]> =>
	follow(async (cursor) => {
		const asked = { ...request, query: { ...request.query, cursor } };
		const { data, page } = await api.send(asked, Page(item, cursor !== undefined));
		return { items: data, next: page?.cursor || undefined };
	});

/** All of a list, or as much as is `enough` by its items and pages. */
export async function all<S extends z.ZodMiniType>(
	api: Api,
	request: Request,
	item: S,
	enough = (_: number, read: number): boolean => read >= 100,
): Promise<z.output<S>[]> {
	const found: z.output<S>[] = [];
	let read = 0;
	for await (const page of pages(api, request, item)) {
		found.push(...page);
		if (enough(found.length, ++read)) break;
	}
	return found;
}
