/**
 * A recording of a real server, as of any moment in it: each run's states as its responses showed them; events; apps and functions.
 * Everything comes from a response, except for what is marked "derived".
 */
import { type Exchange, exchangesOf } from "../recordings.ts";
import { isUlid, ulidOf, ulidTime } from "./ids.ts";
import { isObject, type Json, text } from "./json.ts";
import { goNanos, protoNanos } from "./times.ts";

export type RecordedKind = "kitchen" | "kitchen-self-hosted";

/** A response's data, and from when on it is valid: the response's time, or the run's end if earlier. */
interface Shot<T> {
	from: number;
	ended: boolean;
	data: T;
}

/** Everything seen of a run. */
interface Seen {
	/** In lists, alone, its root span, and its jobs. */
	listed: Shot<Json>[];
	single: Shot<Json>[];
	trace: Shot<Json>[];
	jobs: Shot<unknown[]>[];
}

/** A run at a moment. */
export interface RunState {
	listed: Json;
	single: Json;
	trace: Json;
	jobs: readonly unknown[];
	ended: boolean;
}

const NIL = "00000000-0000-0000-0000-000000000000";
const TEN_SECONDS = 10_000;
const ID = /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g;
const TIME = /\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z/g;
/** Labels without a colon are from the first recording, of another server. */
const isOurs = ({ label }: Exchange): boolean => /^[a-z0-9 ]+: /.test(label);

const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const ms = (value: unknown): number => Date.parse(text(value));

/** The same text `by` milliseconds later: times, times in ids, and numbers that are milliseconds of those days. */
export function moved(source: string, by: number): string {
	if (by === 0) return source;
	return source
		.replace(TIME, (_, seconds: string, fraction = "") => {
			if (by % 1000 === 0)
				return `${new Date(Date.parse(`${seconds}Z`) + by).toISOString().slice(0, 19)}${fraction && `.${fraction}`}Z`;
			const digits = fraction.padEnd(9, "0");
			return protoNanos(Date.parse(`${seconds}Z`) + Number(digits.slice(0, 3)) + by, Number(digits.slice(3, 9)));
		})
		.replace(ID, (id) => (id.startsWith("01M8") ? ulidOf(ulidTime(id) + by, NO_BYTES).slice(0, 10) + id.slice(10) : id))
		.replace(/\b1795\d{9}\b/g, (number) => `${Number(number) + by}`);
}
const NO_BYTES = new Uint8Array(10);

/** When an answer was given. */
function answeredAt({ response }: Exchange): number | undefined {
	const { metadata } = object(response.body);
	const at = ms(object(metadata).fetchedAt ?? object(metadata).fetched_at);
	return Number.isNaN(at) ? undefined : at;
}

export class Recording {
	/** The last recorded moment. */
	readonly end: number;
	/** When the request with this label was answered. */
	readonly moments = new Map<string, number>();
	private readonly ids = new Map<string, string>();
	private readonly seen = new Map<string, Seen>();
	private readonly sent = new Map<string, Json>();
	private readonly known = new Map<string, Json>();
	private readonly exchanges: readonly Exchange[];
	/** The runs at the moment requested last. */
	private last: { at: number; runs: readonly RunState[] } | undefined;

	/** `by`: by how many milliseconds everything is shifted. */
	constructor(kind: RecordedKind, by = 0) {
		const source = exchangesOf(kind).filter(isOurs);
		const later: Exchange[] = by === 0 ? source : JSON.parse(moved(JSON.stringify(source), by));
		this.exchanges = later;
		let at = 0;
		for (const exchange of later) {
			at = answeredAt(exchange) ?? at;
			this.moments.set(exchange.label, at);
			this.read(exchange, at);
		}
		this.end = at;
		for (const id of this.seen.keys()) this.eventsOf(id);
	}

	/** The id of the run of `run: <label>` or `live run: <label>`. */
	idOf(label: string): string {
		const id = this.ids.get(`run: ${label}`) ?? this.ids.get(`live run: ${label}`);
		if (id === undefined) throw new Error(`No run "${label}" is recorded`);
		return id;
	}

	private read({ label, request, response }: Exchange, at: number): void {
		const [path = ""] = request.path.split("?");
		const id = /^\/v[12]\/(?:runs|events)\/([^/]+)/.exec(path)?.[1] ?? "";
		const { data } = object(response.body);
		if (request.method === "POST" && path.startsWith("/e/")) this.readSent(request.body, response.body);
		if (request.method !== "GET" || response.status !== 200) return;
		if (/^\/v2\/runs\/[^/]+$/.test(path)) {
			this.ids.set(label, id);
			this.of(id).single.push(shotOf(object(data), at, object(data).endedAt));
		} else if (path.endsWith("/trace")) {
			const root = object(object(data).rootSpan);
			this.of(id).trace.push(shotOf(root, at, root.endedAt));
		} else if (path.endsWith("/jobs"))
			this.of(id).jobs.push({ from: at, ended: list(data).length === 0, data: list(data) });
		else if (path.startsWith("/v2") && path.endsWith("/runs"))
			for (const run of list(data).map(object)) this.of(text(run.id)).listed.push(shotOf(run, at, endOfListed(run)));
		else if (/^\/v1\/events(\/[^/]+)?$/.test(path))
			for (const event of (Array.isArray(data) ? data : [data]).map(object))
				if (text(event.internal_id)) this.known.set(text(event.internal_id), event);
	}

	private of(id: string): Seen {
		const seen = this.seen.get(id) ?? { listed: [], single: [], trace: [], jobs: [] };
		this.seen.set(id, seen);
		return seen;
	}

	private readSent(body: unknown, answer: unknown): void {
		list(object(answer).ids).forEach((id, i) => {
			this.sent.set(text(id), object(list(body)[i]));
		});
	}

	/** Adds events from a run's trace that were not requested themselves. Derived: when they were received. */
	private eventsOf(id: string): void {
		const { trace, single, listed } = this.of(id);
		const { trigger } = object(single[0]?.data ?? listed[0]?.data);
		const { eventIds, isBatch } = object(trigger);
		const root = trace[0]?.data ?? this.twin(id, this.of(id))?.trace;
		const input = list(object(root?.input).data).map(object);
		input.forEach((event, i) => {
			const internal = isBatch ? text(event.id) : i === 0 ? text(list(eventIds)[0]) : "";
			if (isUlid(internal) && !this.sent.has(internal)) this.sent.set(internal, event);
		});
	}

	/** The runs that there are at a moment. */
	runs(at: number): readonly RunState[] {
		if (this.last?.at !== at) {
			const runs = [...this.seen.keys()].map((id) => this.run(id, at)).filter((run) => run !== undefined);
			this.last = { at, runs };
		}
		return this.last.runs;
	}

	/** A run as of a moment; undefined before it was seen, and if it was last seen live in lists only (cron's: how it ended is unknown). */
	run(id: string, at: number): RunState | undefined {
		const seen = this.seen.get(id);
		if (!seen) return undefined;
		const newest = latest([...seen.listed, ...seen.single], at);
		if (!newest || (seen.single.length === 0 && !newest.ended && newest.from < at)) return undefined;
		const { ended, from } = newest;
		/** What another kind of response says of the same state; for an end, of the same moment. */
		const same = <T>(shots: readonly Shot<T>[]) =>
			ended
				? shots.findLast((one) => one.ended && Math.abs(one.from - from) < 1000)
				: (latest(shots, at, false) ?? shots.find((one) => !one.ended));
		const twin = this.twin(id, seen);
		const single = same(seen.single)?.data ?? singleOf(newest.data, twin);
		const trace = same(seen.trace)?.data ?? traceOf(single, twin);
		const listed = same(seen.listed)?.data ?? listedOf(single, trace, seen.listed[0]?.data);
		return { listed, single, trace, jobs: ended ? [] : (same(seen.jobs)?.data ?? []), ended };
	}

	/** Another run of the same function with the same end, if this one is known only from lists (cron's). */
	private twin(id: string, { single, listed }: Seen): { single: Json; trace: Json } | undefined {
		if (single.length) return undefined;
		const run = object(listed.at(-1)?.data);
		for (const [other, seen] of this.seen) {
			const [one] = seen.single;
			if (other === id || !one?.ended || nameOf(one.data) !== nameOf(run) || one.data.status !== run.status) continue;
			const trace = seen.trace.find(({ ended }) => ended);
			const [ours, theirs] = [
				text(list(object(run.trigger).eventIds)[0]),
				text(list(object(one.data.trigger).eventIds)[0]),
			];
			if (!trace) continue;
			const both = moved(JSON.stringify([one.data, trace.data]), ms(run.queuedAt) - ms(one.data.queuedAt));
			const by = ulidTime(ours) - ulidTime(theirs);
			const [copy, root] = JSON.parse(both.replaceAll(moved(theirs, by), ours));
			return { single: { ...object(copy), id, trigger: run.trigger }, trace: object(root) };
		}
		return undefined;
	}

	/** Adds a run's later state, or an unrecorded run. */
	change(id: string, at: number, state: Pick<RunState, "single" | "trace">): void {
		this.last = undefined;
		const seen = this.of(id);
		const ended = state.single.endedAt !== undefined;
		seen.single.push({ from: at, ended, data: state.single });
		seen.trace.push({ from: at, ended, data: state.trace });
	}

	/** An event as `/v1/events/{id}` gives it. */
	event(id: string, at: number): Json | undefined {
		if (ulidTime(id) > at) return undefined;
		const known = this.known.get(id);
		const sent = this.sent.get(id);
		if (known || !sent) return known;
		const { name, data, user, ts, v } = sent;
		return {
			internal_id: id,
			account_id: NIL,
			environment_id: NIL,
			source: "",
			source_id: null,
			received_at: goNanos(ulidTime(id)),
			id: text(sent.id) || id,
			name,
			data: object(data),
			...(Object.keys(object(user)).length > 0 && { user }),
			ts: typeof ts === "number" ? ts : ulidTime(id),
			...(text(v) !== "" && { v }),
		};
	}

	/** All events, newest first. */
	events(at: number): Json[] {
		const ids = [...new Set([...this.known.keys(), ...this.sent.keys()])].sort().reverse();
		return ids.map((id) => this.event(id, at)).filter((event) => event !== undefined);
	}

	/** The ids of the events that started a run: all of a batch's. */
	startedBy(id: string): string[] {
		const { single, listed, trace } = this.of(id);
		const { eventIds, isBatch } = object(object(single[0]?.data ?? listed[0]?.data).trigger);
		const input = isBatch ? list(object(trace[0]?.data.input).data).map((event) => text(object(event).id)) : [];
		return [...new Set([...list(eventIds).map(text), ...input])];
	}

	/** The response to a GET of this path (without query) or a POST with this body: the last one until a moment, otherwise the first. */
	answer(method: string, path: string, at: number, body?: unknown): Exchange["response"] | undefined {
		const found = this.exchanges.filter(
			({ request }) =>
				request.method === method &&
				decodeURI(request.path.split("?")[0] ?? "") === decodeURI(path) &&
				(body === undefined || JSON.stringify(request.body) === JSON.stringify(body)),
		);
		const before = found.filter(({ label }) => (this.moments.get(label) ?? 0) <= at);
		return (before.at(-1) ?? found.find(({ response }) => response.status === 200))?.response;
	}
}

const shotOf = (data: Json, at: number, end: unknown): Shot<Json> => {
	const endedAt = ms(end);
	return { from: Number.isNaN(endedAt) ? at : Math.min(at, endedAt), ended: !Number.isNaN(endedAt), data };
};

/** A cancelled run's end in lists is ten seconds late. */
const endOfListed = ({ status, endedAt }: Json): unknown =>
	status === "CANCELLED" ? new Date(ms(endedAt) - TEN_SECONDS).toISOString() : endedAt;

const nameOf = (run: Json): string => `${text(object(run.app).id)}/${text(object(run.function).id)}`;

/** The last of those valid at a moment. */
function latest<T>(shots: readonly Shot<T>[], at: number, ended?: boolean): Shot<T> | undefined {
	let found: Shot<T> | undefined;
	for (const shot of shots) {
		const holds = shot.from <= at && (ended === undefined || shot.ended === ended);
		if (holds && (!found || shot.from >= found.from)) found = shot;
	}
	return found;
}

/** Derived: a run alone, if only lists have it. */
const singleOf = (listed: Json, twin: { single: Json } | undefined): Json => twin?.single ?? listed;

/** Derived: a trace with no more than the run's own data. */
function traceOf(single: Json, twin: { trace: Json } | undefined): Json {
	if (twin) return twin.trace;
	const { queuedAt, startedAt, endedAt, status } = single;
	return { name: "Run", status, queuedAt, startedAt, ...(endedAt !== undefined && { endedAt }) };
}

/**
 * Derived: a run as in lists: it starts when queued (or as in `before`, from a list), its error is wrapped, and while live it has the
 * status of its trace's root.
 */
export function listedOf(single: Json, trace: Json, before?: Json): Json {
	const { durationMs, endedAt, output, status, ...rest } = single;
	const startedAt = before?.startedAt ?? single.queuedAt;
	const cancelled = status === "CANCELLED" ? TEN_SECONDS : 0;
	if (endedAt === undefined) return { ...rest, startedAt, status: trace.status === "WAITING" ? "QUEUED" : "RUNNING" };
	const end = ms(endedAt) + cancelled;
	return {
		...rest,
		durationMs: `${Math.max(0, Math.floor(end - ms(startedAt)))}`,
		endedAt: protoNanos(end, 1),
		startedAt,
		status,
	};
}
