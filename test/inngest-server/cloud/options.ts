/** Options of the Cloud double. What is not public is the double's choice, and marked so. */
import type { EngineOptions } from "../engine.ts";
import type { Json } from "../json.ts";
import type { StoredEvent } from "../store.ts";

export type EnvironmentType = "PRODUCTION" | "TEST" | "BRANCH";

export interface EnvironmentSpec {
	/** Free text. */
	name: string;
	/** Default: TEST. All branch environments share one event key and one signing key. */
	type?: EnvironmentType;
	/** Default: made from the name. */
	slug?: string;
	archived?: boolean;
}

/** The default environments of an account. */
export const ENVIRONMENTS: readonly EnvironmentSpec[] = [
	{ name: "Production", type: "PRODUCTION" },
	{ name: "EU Staging" },
	{ name: "feature/#12" },
	{ name: "fix(ui)", type: "BRANCH" },
];

const DAY = 24 * 60 * 60 * 1000;

/** The maximum bytes of an event, here of a request, and how long runs are kept (documented in 2026; "basic" is an older plan). */
export const PLANS = {
	free: { bytes: 256 * 1024, history: DAY },
	basic: { bytes: 512 * 1024, history: 7 * DAY },
	pro: { bytes: 3 * 1024 * 1024, history: 7 * DAY },
	business: { bytes: 3 * 1024 * 1024, history: 14 * DAY },
	enterprise: { bytes: 3 * 1024 * 1024, history: 365 * DAY },
};

/** Requests that an account may send in a window of time. */
export interface BudgetLimit {
	requests: number;
	perMs: number;
}

/** Responses of Insights; each `data` has the shape of the proto (QueryInsightsData, InsightsTable, InsightsEventSchema). */
export interface Insights {
	tables?: readonly Json[];
	schemas?: readonly Json[];
	/** The rows for an SQL text, or what is wrong with it: 422. */
	query?: (sql: string) => { data: Json } | { error: string };
}

export interface CloudOptions extends Partial<EngineOptions> {
	environments?: readonly EnvironmentSpec[];
	/** Default: `free`. */
	plan?: keyof typeof PLANS;
	/**
	 * Of the account's API, and of each event key. Default: 75 requests per 5 s, which is published for event keys; that the API's, which is
	 * per account, is the same is a choice. False: unlimited.
	 */
	budget?: BudgetLimit | false;
	/** The status for a wrong event key: both have been seen. Default: 404. */
	wrongEventKey?: 401 | 404;
	/**
	 * An archived environment refuses events, as the dashboard does (its source). By the documentation its functions only aren't triggered: so
	 * it takes them and starts nothing, the default.
	 */
	archivedRefuse?: boolean;
	/** A request with one bad event is refused as a whole, with 400 and without `ids`. */
	refuseWholeBatch?: boolean;
	/** What is wrong with an event by an unknown rule: its request is also refused as a whole (a choice). */
	refuses?: (event: StoredEvent) => string | undefined;
	/** ULIDs are written in lower case, as the examples of service.proto do. */
	lowerCaseIds?: boolean;
	/** Fields of v1's events as the source's tags have them (`received_at`), or as v1's specification (`receivedAt`). */
	v1Names?: "source" | "specification";
	/** 1.45 accepts filters by SKIPPED, PAUSED and UNKNOWN; 1.43 answers them with 400. */
	statuses?: "1.43" | "1.45";
	/** A SKIPPED run has neither `startedAt` nor `endedAt` (a choice). */
	skippedWithoutTimes?: boolean;
	/** Runs and events that are older than the plan's history are not listed. */
	forgets?: boolean;
	/** The code of a 403 for a missing grant: 1.45's, or that of 1.43's source. */
	missingGrant?: "insufficient_scope" | "access_denied";
	/** An environment's API key targets that environment, whatever is named; whether it does or is refused is not public. */
	limitedKeysIgnoreNames?: boolean;
	/** How long a bulk cancellation takes to begin (20 ms). */
	cancelAfterMs?: number;
	/** How long each response takes. */
	latencyMs?: number;
	insights?: Insights;
	/** When apps were created, as the proto writes it; by default before all events. */
	appsCreatedAt?: string;
	/** How many events each environment keeps for listing (20,000). */
	keepEvents?: number;
	/** Whether v1 answers from its cache, as the real one does for some seconds. */
	cache?: boolean;
}
