/** Both REST APIs for a recording: its runs, events, apps and functions as stored data. */
import { isUlid, sha1, ulidOf, uuidOf } from "./ids.ts";
import { asStruct, isObject, type Json, text } from "./json.ts";
import { bool, cursorAfter, fields, int, type ListQuery, listQuery, page, paged } from "./query.ts";
import type { Recording, RunState } from "./recording.ts";
import { ApiError, badField, goJson, json, many, notFound, one, type Reply, type Req } from "./reply.ts";
import { goNanos, goNow, looseTime, protoMs, rfc3339Micros } from "./times.ts";

const NIL = "00000000-0000-0000-0000-000000000000";
const ENV = "00000000-0000-4000-b000-000000000000";
const MAX_EVENTS = 51;

const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** What a response is based on, and how it is requested. */
interface Asked {
	query: URLSearchParams;
	id: string;
	sub: string;
	req: Req;
}

export class Stored {
	private readonly recording: Recording;
	private readonly now: () => number;
	/** How many runs were started here. */
	private started = 0;

	/** `now`: the current moment of the recording. */
	constructor(recording: Recording, now: () => number) {
		this.recording = recording;
		this.now = now;
	}

	/** Responds to what the recording covers; undefined otherwise. */
	handle(req: Req): Reply | undefined {
		const [, version = "", a = "", id = "", c = "", sub = "", e = ""] = req.path
			.replace(/^\/api\/v2/, "/v2")
			.split("/")
			.map(decodeURIComponent);
		const route = [req.method, version, a, id && "*", c, sub && "*", e].filter(Boolean).join(" ");
		try {
			return this.routes[route]?.({ query: req.query, id, sub, req });
		} catch (error) {
			if (error instanceof ApiError) return error.reply;
			throw error;
		}
	}

	private readonly routes: Record<string, (asked: Asked) => Reply | undefined> = {
		"GET v2 runs": ({ query }) => this.listRuns(listQuery(query), query.get("isDeferred")),
		"GET v2 runs *": ({ id, query }) => this.getRun(id, bool(query, "includeOutput", "include_output")),
		"GET v2 runs * trace": ({ id, query }) => this.getTrace(id, bool(query, "includeOutput", "include_output")),
		"POST v2 runs * cancel": ({ id }) => this.cancel(id),
		"POST v2 runs * rerun": ({ id, req }) => this.rerun(id, req),
		"GET v2 events * runs": ({ id, query }) => this.runsOfEvent(id, query),
		"GET v2 apps": ({ query, req }) => this.recordedList(req.path, query, query.get("archived") === "true"),
		"GET v2 apps *": ({ req }) => this.recorded(req),
		"GET v2 apps * functions": ({ query, req }) => this.recordedList(req.path, query, false),
		"GET v2 apps * functions *": ({ id, sub, req }) => this.getFunction(id, sub, req),
		"GET v2 apps * functions * runs": ({ id, sub, query }) => this.listRuns(listQuery(query, id, sub)),
		"POST v2 apps * functions * invoke": ({ id, sub, req }) => this.invoke(id, sub, req),
		"GET v1 runs *": ({ id }) => this.cached(this.known(id, (run) => this.v1Run(run, ENV))),
		"GET v1 runs * jobs": ({ id }) => this.cached(this.known(id, ({ jobs }) => jobs)),
		"GET v1 events": ({ query }) => this.listEvents(query),
		"GET v1 events *": ({ id }) => this.cached(isUlid(id) ? this.recording.event(id, this.now()) : undefined),
		"GET v1 events * runs": ({ id }) => this.v1RunsOfEvent(id),
		"POST v1 signals": ({ req }) => this.signal(req),
	};

	private run(id: string): RunState | undefined {
		return isUlid(id) ? this.recording.run(id.toUpperCase(), this.now()) : undefined;
	}

	private known<T>(id: string, what: (run: RunState) => T): T | undefined {
		const run = this.run(id);
		return run && what(run);
	}

	// Runs

	private listRuns(wanted: ListQuery, deferred: string | null = null): Reply {
		const { field, from, until, order, cursor, limit, statuses, apps, functions } = wanted;
		const sign = order === "ASC" ? 1 : -1;
		const found = this.recording
			.runs(this.now())
			.map((run) => ({ run, id: text(run.listed.id), key: keyOf(run, field) }))
			.filter(({ key }) => key >= from && key <= until && !(field === "start_time" && key === until))
			.filter(({ run: { listed } }) => !statuses || statuses.has(text(listed.status)))
			.filter(({ run: { listed } }) => !apps || apps.has(text(object(listed.app).id)))
			.filter(({ run: { listed } }) => !functions || functions.has(text(object(listed.function).id)))
			.filter(({ id }) => deferred === null || this.isDeferred(id) === (deferred === "true"))
			.sort((a, b) => sign * (a.key - b.key) || (a.id < b.id ? -1 : 1))
			.filter(({ key, id }) => !cursor || sign * (key - cursor.key) > 0 || (key === cursor.key && id > cursor.id));
		const shown = found.slice(0, limit);
		const last = shown.at(-1);
		const next = last && cursorAfter(last.id, last.key, field);
		return many(
			shown.map(({ run }) => listItem(run, wanted.includeOutput)),
			{ limit, hasMore: found.length > limit, cursor: next },
			wanted.timeRange,
		);
	}

	private isDeferred(id: string): boolean {
		const [event = ""] = this.recording.startedBy(id);
		return this.recording.event(event, this.now())?.name === "inngest/deferred.schedule";
	}

	private runsOfEvent(id: string, query: URLSearchParams): Reply | undefined {
		const includeOutput = bool(query, "includeOutput", "include_output");
		const requested = int(query, "limit");
		if (!isUlid(id)) throw badField("Event ID must be a valid ULID");
		const { limit, cursor } = page(query, requested, 20, 40);
		const all = this.startedBy(id).sort((a, b) => keyOf(b, "start_time") - keyOf(a, "start_time"));
		if (all.length === 0) return this.recording.event(id, this.now()) && many([], { limit });
		const first = cursor ? all.findIndex(({ listed }) => listed.id === cursor.id) + 1 : 0;
		const runs = all.slice(first, first + limit);
		const last = runs.at(-1);
		return many(
			runs.map((run) => listItem(run, includeOutput)),
			{
				limit,
				hasMore: first + limit < all.length,
				cursor: last && cursorAfter(text(last.listed.id), keyOf(last, "start_time"), "start_time"),
			},
		);
	}

	private startedBy(event: string): RunState[] {
		return this.recording
			.runs(this.now())
			.filter(({ single }) => this.recording.startedBy(text(single.id)).includes(event));
	}

	private getRun(id: string, includeOutput: boolean): Reply | undefined {
		return this.known(id, ({ single }) => {
			const { output, ...rest } = single;
			return one(includeOutput ? single : rest);
		});
	}

	private getTrace(id: string, includeOutput: boolean): Reply | undefined {
		return this.known(id, ({ trace }) =>
			one({ rootSpan: includeOutput ? trace : withoutOutput(trace), runId: id.toUpperCase() }),
		);
	}

	private cancel(id: string): Reply | undefined {
		return this.known(id, ({ single, trace, ended }) => {
			if (single.status === "CANCELLED" && ended)
				throw new ApiError(409, "run_already_cancelled", "Run is already cancelled");
			if (ended) throw new ApiError(409, "run_already_ended", "Cannot cancel an ended run");
			this.end(id, single, trace, "CANCELLED");
			return one({ runId: id.toUpperCase() });
		});
	}

	/** What was waiting in it stays so, as on the real server. */
	private end(id: string, single: Json, trace: Json, status: string, output?: unknown): void {
		const at = this.now();
		const over = {
			status,
			endedAt: protoMs(at),
			durationMs: `${at - Date.parse(text(single.startedAt ?? single.queuedAt))}`,
			...(output !== undefined && { output }),
		};
		this.recording.change(id.toUpperCase(), at, { single: { ...single, ...over }, trace: { ...trace, ...over } });
	}

	/** A new run of the same event; ends as recorded if this very rerun was recorded, otherwise completes. */
	private rerun(id: string, req: Req): Reply | undefined {
		const body = fields(req.body, ["fromStep"]);
		const recorded = this.recording.answer("POST", req.path, Number.POSITIVE_INFINITY, body);
		if (recorded && recorded.status !== 200) return json(recorded.body, recorded.status);
		return this.known(id, ({ single, trace }) => {
			const { stepId } = object(body.fromStep);
			if (body.fromStep !== undefined) checkStep(trace, text(stepId));
			const { runId } = object(object(recorded?.body).data);
			const became = this.recording.run(text(runId), Number.POSITIVE_INFINITY);
			return one({ runId: this.start(became ?? { single, trace: { input: trace.input } }, became === undefined) });
		});
	}

	/** Starts a run like this one that has already ended: in the same way, or (`anew`) completed. */
	private start(like: Pick<RunState, "single" | "trace">, anew: boolean): string {
		const at = this.now();
		const id = ulidOf(at, Buffer.from(sha1(`run ${++this.started}`), "hex"));
		const { output, durationMs, ...rest } = like.single;
		const times = { queuedAt: protoMs(at), startedAt: protoMs(at), endedAt: protoMs(at) };
		const ended = anew ? { status: "COMPLETED", output: { data: null } } : { status: like.single.status, output };
		this.recording.change(id, at, {
			single: { ...rest, id, durationMs: "0", ...times, ...ended },
			trace: { name: "Run", ...like.trace, ...times, ...ended },
		});
		return id;
	}

	private invoke(app: string, fn: string, req: Req): Reply | undefined {
		const recorded = this.recording.answer("POST", req.path, this.now());
		if (recorded?.status === 422) return json(recorded.body, 422);
		const { data } = fields(req.body, ["data", "idempotencyKey"]);
		if (!isObject(data)) throw new ApiError(400, "missing_field", "Input data is required");
		const known = this.functionOf(app, fn);
		if (!known) throw notFound("Function");
		const event = ulidOf(this.now(), Buffer.from(sha1(`event ${this.started}`), "hex"));
		const named = { name: "inngest/function.invoked", data: { _inngest: { type: "api" }, ...data }, id: event };
		const single = {
			app: { id: app },
			function: { id: known.id, name: known.name },
			trigger: { eventIds: [event] },
		};
		return one({ runId: this.start({ single, trace: { input: { data: [named] } } }, true) });
	}

	// Apps and functions

	private recorded(req: Req): Reply | undefined {
		const found = this.recording.answer("GET", req.path, this.now());
		return found && json(found.body, found.status);
	}

	private recordedList(path: string, query: URLSearchParams, none: boolean): Reply {
		const { data } = object(this.recording.answer("GET", path, this.now())?.body);
		const [, , , app = ""] = path.split("/").map(decodeURIComponent);
		const there = list(none ? [] : data)
			.map(object)
			.filter(({ id }) => app === "" || this.functionOf(app, text(id)) !== undefined);
		// Its position replaces the UUID by which the real server orders them.
		const byPlace = there.map((body, i) => ({ uuid: `00000000-0000-4000-8000-${`${i}`.padStart(12, "0")}`, body }));
		return paged(query, byPlace);
	}

	private functionOf(app: string, fn: string): Json | undefined {
		const path = `/v2/apps/${encodeURIComponent(app)}/functions`;
		const alone = this.recording.answer("GET", `${path}/${encodeURIComponent(fn)}`, this.now());
		if (alone && alone.status !== 200) return undefined;
		const { data } = object(this.recording.answer("GET", path, this.now())?.body);
		const found = list(data)
			.map(object)
			.find(({ id, slug }) => id === fn || slug === fn || `${app}-${id}` === fn);
		return found ?? (alone && object(object(alone.body).data));
	}

	private getFunction(app: string, fn: string, req: Req): Reply {
		const known = this.functionOf(app, fn);
		if (!known) throw notFound(this.recorded(req)?.status === 200 ? "App" : "Function");
		return one(known);
	}

	// Version 1

	private cached(data: unknown): Reply | undefined {
		return data === undefined
			? undefined
			: goJson({ data, metadata: { fetched_at: goNow(), cached_until: goNow(5000) } });
	}

	private listEvents(query: URLSearchParams): Reply {
		const at = this.now();
		const name = query.get("name") ?? "";
		const cursor = query.get("cursor") ?? "";
		const limit = Math.min(Math.max(Number.parseInt(query.get("limit") ?? "", 10) || 20, 1), MAX_EVENTS);
		const bound = (field: string) => looseTime(query.get(field) ?? "");
		const after = bound("received_after") ?? at - 3_600_000;
		const before = bound("received_before") ?? Number.POSITIVE_INFINITY;
		const found = this.recording
			.events(at)
			.filter((event) => (name ? event.name === name : true) && !text(event.name).startsWith("inngest/"))
			.filter(({ internal_id: id }) => cursor === "" || text(id) < cursor)
			.filter(({ received_at }) => Date.parse(text(received_at)) > after && Date.parse(text(received_at)) <= before);
		return goJson({ data: found.slice(0, limit), metadata: { fetched_at: goNow() } });
	}

	private v1Run({ single, listed, ended }: RunState, environment: string): Json {
		const status = text(listed.status);
		const [app, fn] = [text(object(single.app).id), text(object(single.function).id)];
		const { latestSync } = object(object(this.recording.answer("GET", `/v2/apps/${app}`, this.now())?.body).data ?? {});
		const url = text(object(latestSync).url);
		return {
			run_id: single.id,
			run_started_at: goNanos(Date.parse(text(single.queuedAt))),
			function_id: uuidOf(`${text(object(single.function).name)}${url}?fnId=${app}-${fn}&stepId=step`),
			function_version: 0,
			environment_id: environment,
			event_id: list(object(single.trigger).eventIds)[0],
			status: status === "QUEUED" ? "Scheduled" : status.charAt(0) + status.slice(1).toLowerCase(),
			ended_at: ended ? text(listed.endedAt).replace(/\.?0+Z$/, "Z") : null,
			...(ended && { output: status === "FAILED" ? single.output : "" }),
		};
	}

	private v1RunsOfEvent(id: string): Reply | undefined {
		const first = this.startedBy(id).filter(({ single }) => list(object(single.trigger).eventIds)[0] === id);
		const inOrder = first.sort((a, b) => (text(a.single.id) < text(b.single.id) ? -1 : 1));
		return this.recording.event(id, this.now()) && this.cached(inOrder.map((run) => this.v1Run(run, NIL)));
	}

	private signal(req: Req): Reply {
		const { signal, data } = object(JSON.parse(req.body || "{}"));
		if (text(signal) === "") return goJson({ error: "Failed to receive signal", data: null, status: 500 }, 500);
		const waiting = this.recording.runs(this.now()).find(({ jobs }) => jobs.some((job) => signalOf(job) === signal));
		if (!waiting) return goJson({ error: "No signal found", data: null, status: 404 }, 404);
		const id = text(waiting.single.id);
		this.end(id, waiting.single, waiting.trace, "COMPLETED", asStruct({ s: { signal, data } }));
		return goJson({ data: { run_id: id }, metadata: { fetched_at: goNow() } });
	}
}

function signalOf(job: unknown): unknown {
	const { payload } = object(object(object(job).Raw).data);
	return object(object(payload).pause).signalID;
}

/** The time by which a run is listed, in microseconds; a live one, even by its end, by when its root was last written. */
function keyOf({ listed, trace, ended }: RunState, field: ListQuery["field"]): number {
	const written = object(list(trace.metadata)[0]).updatedAt ?? trace.startedAt ?? listed.startedAt;
	const end = ended ? listed.endedAt : written;
	return rfc3339Micros(text(field === "start_time" ? listed.startedAt : end)) ?? 0;
}

/** A failed run's output is wrapped in lists. */
function listItem({ listed, single }: RunState, includeOutput: boolean): Json {
	const { output, ...rest } = listed;
	const given = single.status === "FAILED" ? { error: single.output } : single.output;
	return includeOutput && single.endedAt !== undefined && single.output !== undefined
		? { ...rest, output: given }
		: rest;
}

const withoutOutput = ({ output, input, children, ...rest }: Json): Json => ({
	...rest,
	...(Array.isArray(children) && { children: children.map((span) => withoutOutput(object(span))) }),
});

/** A step is named by its name, if only one has it, or by its hash. */
function checkStep(trace: Json, step: string): void {
	const all = new Map<string, string>();
	for (const span of list(trace.children).map(object))
		if (text(span.stepId)) all.set(text(span.stepId), text(span.name));
	const named = [...all.values()].filter((name) => name === step);
	if (named.length > 1) throw new ApiError(400, "invalid_request", "Step name matches multiple steps in original run");
	if (!named.length && !all.has(step)) throw new ApiError(400, "invalid_request", "Step not found in original run");
}
