/** What an answer of Inngest's has, and schemas that take what a server may give instead: nullish fields, numbers as strings, ids in any case, one odd item of many. */
import * as z from "zod/mini";
import { ENDS, ULID } from "../text/nouns.ts";
import type { Request } from "./request.ts";

/** A text that may be absent or null; a number is taken for its digits. */
export const maybe = z.optional(
	z.pipe(
		z.nullable(z.union([z.string(), z.number()])),
		z.transform((value) => (value === null ? null : String(value))),
	),
);
/** The same, empty where it is absent. */
export const text = z.pipe(
	maybe,
	z.transform((value) => value ?? ""),
);
/** A number, also as its digits: Go writes 64 bits so. Undefined where it is absent, or none. */
export const maybeNumber = z.optional(
	z.pipe(
		z.nullable(z.union([z.number(), z.string().check(z.regex(/^-?\d+(\.\d+)?$/))])),
		z.transform((value) => (value === null ? undefined : Number(value))),
	),
);
/** An id of a run or an event, as it is printed: in capitals. */
export const Id = z.pipe(
	z.string().check(z.regex(ULID)),
	z.transform((id) => id.toUpperCase()),
);
/** Ids where others may stand: the sender's own are as they are. */
export const Ids = z.optional(
	z.pipe(
		z.nullable(z.array(z.nullish(z.string()))),
		z.transform((ids) => ids?.flatMap((id) => (id == null ? [] : [ULID.test(id) ? id.toUpperCase() : id]))),
	),
);

/** Items that could not be read, of lists that were read. */
const odd = new WeakMap<readonly unknown[], number>();
export const oddOf = (list: readonly unknown[]): number => odd.get(list) ?? 0;

let noting: ((key: string) => void) | undefined;
/** Runs `work`, which reads lists, and tells of each item that could not be read a key: the same item's is the same. */
export function notingOdd<T>(note: (key: string) => void, work: () => T): T {
	const before = noting;
	noting = note;
	try {
		return work();
	} finally {
		noting = before;
	}
}

/**
 * A list that the server leaves out when it is empty. An item that can't be read is omitted and counted; where none can,
 * it is not the list that was asked for, unless it is `more` of one.
 */
export const many = <S extends z.ZodMiniType>(item: S, more = false) =>
	z.pipe(
		z.nullish(z.array(z.unknown())),
		z.transform((list, context): z.output<S>[] => {
			const results = (list ?? []).map((one) => z.safeParse(item, one));
			const read = results.flatMap(({ success, data }) => (success ? [data] : []));
			const first = results.find(({ success }) => !success)?.error?.issues[0];
			if (first && !read.length && !more)
				context.issues.push({
					code: "custom",
					message: first.message,
					path: [results.findIndex(({ success }) => !success), ...first.path],
					input: list,
				});
			else if (first) {
				odd.set(read, results.length - read.length);
				for (const [i, { success }] of results.entries())
					if (!success) noting?.(JSON.stringify(list?.[i]).slice(0, 2000));
			}
			return read;
		}),
	);

const isRun = (item: unknown): item is Record<string, unknown> =>
	typeof item === "object" && item !== null && "status" in item;

/**
 * The same answer with the true status of each run. `GET /v2/runs/{id}` on OSS answers with the status of the run's
 * latest span while the run goes on (recorded: COMPLETED while sleeping, FAILED while retrying), but gives `endedAt`
 * only at its end.
 */
export function withTrueStatuses({ method, path }: Request, body: unknown): unknown {
	const ofRuns = method === "GET" && /^\/v2\/(runs(\/[^/]+)?|events\/[^/]+\/runs)$/.test(path);
	if (!ofRuns || typeof body !== "object" || body === null || !("data" in body)) return body;
	const { data } = body;
	const corrected = (item: unknown): unknown =>
		isRun(item) && ENDS.some((status) => status === item.status) && !item.endedAt
			? { ...item, status: "RUNNING" }
			: item;
	return { ...body, data: Array.isArray(data) ? data.map(corrected) : corrected(data) };
}

const said = z.nullish(z.string());
const any = z.optional(z.unknown());
/** What Inngest's answers have, and its three formats of refusal; `startOpts` is the dev server's (v1.43, pkg/devserver/api.go). */
export const Body = z.object({
	data: any,
	ids: any,
	startOpts: any,
	status: any,
	error: said,
	message: said,
	metadata: z.nullish(z.object({ fetchedAt: said, fetched_at: said })),
	errors: z.nullish(z.array(z.object({ code: said, message: said }))),
});
export type Body = z.output<typeof Body>;

/** An empty list has the time when it was read, and one that lacks it has items (measured); v1 sends some refusals under 200. */
export function isOurs({ data, ids, metadata, startOpts, errors, error, status }: Body, { api }: Request): boolean {
	if (errors?.length || (typeof error === "string" && Number(status) >= 400)) return true;
	if (api === "event") return Array.isArray(ids);
	const some = typeof data === "object" && data !== null && Object.keys(data).length > 0;
	return some || startOpts !== undefined || Boolean(metadata?.fetchedAt ?? metadata?.fetched_at);
}
