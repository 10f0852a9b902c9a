/** What a Cloud double may be told. What is not public is a choice of the double, and said to be one. */
import type { EngineOptions } from "../engine.ts";
import type { Json } from "../json.ts";
import type { StoredEvent } from "../store.ts";

export type EnvironmentType = "PRODUCTION" | "TEST" | "BRANCH";

export interface EnvironmentSpec {
	/** Free text. */
	name: string;
	/** TEST unless given. All environments of branches share one event key and one signing key. */
	type?: EnvironmentType;
	/** Made of the name unless given. */
	slug?: string;
	archived?: boolean;
}

/** The environments of an account, where none are given. */
export const ENVIRONMENTS: readonly EnvironmentSpec[] = [
	{ name: "Production", type: "PRODUCTION" },
	{ name: "EU Staging" },
	{ name: "feature/#12" },
	{ name: "fix(ui)", type: "BRANCH" },
];

const DAY = 24 * 60 * 60 * 1000;

/** The most bytes that one request may send, and how long runs are kept (documented, by plan; basic's history is a choice). */
export const PLANS = {
	free: { bytes: 256 * 1024, history: DAY },
	basic: { bytes: 512 * 1024, history: 7 * DAY },
	pro: { bytes: 3 * 1024 * 1024, history: 7 * DAY },
};

/** Requests that an account may send in a window of time. */
export interface BudgetLimit {
	requests: number;
	perMs: number;
}

/** What insights answer; `data` of each has the shape of the proto (QueryInsightsData, InsightsTable, InsightsEventSchema). */
export interface Insights {
	tables?: readonly Json[];
	schemas?: readonly Json[];
	/** The rows to an SQL text, or what is wrong with it: 422. */
	query?: (sql: string) => { data: Json } | { error: string };
}

export interface CloudOptions extends Partial<EngineOptions> {
	environments?: readonly EnvironmentSpec[];
	/** `free` unless given. */
	plan?: keyof typeof PLANS;
	/** 75 requests per 5 s, the one published figure, unless given; false: any number. */
	budget?: BudgetLimit | false;
	/** What a wrong event key is answered with: both have been seen. 404 unless given. */
	wrongEventKey?: 401 | 404;
	/** A request with one bad event is refused whole, with 400 and without `ids`. */
	refuseWholeBatch?: boolean;
	/** What is wrong with an event by a rule that nobody knows beforehand: its request is refused whole, too (a choice). */
	refuses?: (event: StoredEvent) => string | undefined;
	/** ULIDs are written in lower case, as the examples of service.proto do. */
	lowerCaseIds?: boolean;
	/** Fields of v1's events as the source's tags have them (`received_at`), or as v1's specification (`receivedAt`). */
	v1Names?: "source" | "specification";
	/** 1.45 also takes filters by SKIPPED, PAUSED and UNKNOWN; 1.43 answers 400 to them. */
	statuses?: "1.43" | "1.45";
	/** A SKIPPED run has neither `startedAt` nor `endedAt` (a choice). */
	skippedWithoutTimes?: boolean;
	/** Runs and events that are older than the plan's history are not listed. */
	forgets?: boolean;
	/** The code of a 403 for a grant that is missing: 1.45's, or that of 1.43's source. */
	missingGrant?: "insufficient_scope" | "access_denied";
	/** An API key of one environment targets that one, whatever is named; whether it does, or is refused, is not public. */
	limitedKeysIgnoreNames?: boolean;
	/** How long a bulk cancellation takes to begin (20 ms). */
	cancelAfterMs?: number;
	/** How long each answer takes. */
	latencyMs?: number;
	insights?: Insights;
	/** How many events each environment keeps for listing (20,000). */
	keepEvents?: number;
	/** Whether v1 answers from its cache, as the real one does for some seconds. */
	cache?: boolean;
}
