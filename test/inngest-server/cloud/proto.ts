/** Checks a v2 response against the tables of Inngest's proto, and reports deviations. */
import { isObject } from "../json.ts";
import { ACCOUNT } from "./proto-account.ts";
import { RUNS } from "./proto-runs.ts";

export interface Field {
	/** As the proto and as JSON write it. */
	name: string;
	json: string;
	type: string;
	/** "": exactly one, omitted if zero; "optional": present if set; "repeated": a list. */
	presence: "" | "optional" | "repeated";
	/** Its line in service.proto. */
	line: number;
}

export interface Message {
	line: number;
	fields: readonly Field[];
}

/** The values of enums, zero value first. They are written without prefixes (pkg/api/v2/enum_json.go), and the zero value is omitted. */
export const ENUMS: Record<string, { line: number; values: readonly string[] }> = {
	// SKIPPED, PAUSED and UNKNOWN came with 1.45, which the stored source lacks: the double's choices.
	FunctionRunStatus: {
		line: 2186,
		values: [
			...["UNSPECIFIED", "QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"],
			...["SKIPPED", "PAUSED", "UNKNOWN"],
		],
	},
	TraceSpanStatus: {
		line: 2195,
		values: ["UNKNOWN", "RUNNING", "COMPLETED", "FAILED", "WAITING", "CANCELLED", "SKIPPED"],
	},
	TraceStepOp: {
		line: 2205,
		values: [
			...["UNSPECIFIED", "RUN", "SLEEP", "WAIT_FOR_EVENT", "INVOKE", "SEND_EVENT", "AI_GATEWAY"],
			"WAIT_FOR_SIGNAL",
		],
	},
	FunctionTriggerType: { line: 2226, values: ["UNSPECIFIED", "EVENT", "CRON"] },
	FunctionConcurrencyScope: { line: 2232, values: ["UNSPECIFIED", "ACCOUNT", "ENVIRONMENT", "FUNCTION"] },
	FunctionSingletonMode: { line: 2239, values: ["UNSPECIFIED", "SKIP", "CANCEL"] },
	AppMethod: { line: 2476, values: ["UNSPECIFIED", "SERVE", "CONNECT", "API"] },
	EnvType: { line: 2671, values: ["PRODUCTION", "TEST", "BRANCH"] },
	InsightsOutputColumnType: {
		line: 3208,
		values: ["VALUE_TYPE_UNSPECIFIED", "STRING", "NUMBER", "BOOLEAN", "DATETIME", "COMPLEX"],
	},
	InsightsDiagnosticSeverity: { line: 3248, values: ["SEVERITY_UNSPECIFIED", "ERROR", "WARNING", "INFO"] },
};

/** The tables as data. */
export const MESSAGES: ReadonlyMap<string, Message> = read(`${RUNS}\n${ACCOUNT}`);

function read(table: string): Map<string, Message> {
	const found = new Map<string, Message>();
	let fields: Field[] = [];
	for (const row of table.split("\n").filter((one) => one !== "")) {
		const words = row.trim().split(/\s+/);
		const [first = "", second = ""] = words;
		if (!row.startsWith("\t")) {
			fields = [];
			found.set(first, { line: Number(second), fields });
			continue;
		}
		const presence = words[2] === "optional" || words[2] === "repeated" ? words[2] : "";
		const [type = "", line = ""] = words.slice(presence === "" ? 2 : 3);
		fields.push({ name: first, json: second, type, presence, line: Number(line) });
	}
	return found;
}

/** What a response has that the message lacks, path by path; empty if it conforms. */
export function departures(message: string, value: unknown, path: string = message): string[] {
	const known = MESSAGES.get(message);
	if (known === undefined) return [`${path}: the table has no ${message}`];
	if (!isObject(value)) return [`${path}: not an object`];
	return Object.entries(value).flatMap(([key, item]) => {
		const at = `${path}.${key}`;
		const field = known.fields.find(({ json }) => json === key);
		if (field === undefined) return [`${at}: not in ${message}`];
		if (field.presence !== "repeated") return ofField(field, item, at);
		if (!Array.isArray(item) || item.length === 0) return [`${at}: not a list, or an empty one that is written`];
		return item.flatMap((one, i) => ofType(field.type, one, `${at}[${i}]`));
	});
}

function ofField({ type, presence }: Field, value: unknown, at: string): string[] {
	const wrong = ofType(type, value, at);
	if (wrong.length > 0 || presence !== "") return wrong;
	const zero = value === "" || value === false || value === 0 || value === "0" || value === ENUMS[type]?.values[0];
	return zero && !["Value", "Struct"].includes(type) ? [`${at}: a zero value that is written`] : [];
}

const WHOLE = /^-?\d+$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{6}|\d{9}))?Z$/;

/** How each scalar and well-known type is written in JSON. */
const WRITTEN: Record<string, (value: unknown) => boolean> = {
	string: (value) => typeof value === "string",
	bool: (value) => typeof value === "boolean",
	int32: (value) => Number.isInteger(value),
	double: (value) => typeof value === "number",
	int64: (value) => typeof value === "string" && WHOLE.test(value),
	uint64: (value) => typeof value === "string" && /^\d+$/.test(value),
	Timestamp: (value) => typeof value === "string" && TIMESTAMP.test(value),
	Struct: isObject,
	ListValue: Array.isArray,
	Value: () => true,
	map: (value) => isObject(value) && Object.values(value).every((one) => typeof one === "string"),
};

function ofType(type: string, value: unknown, at: string): string[] {
	const written = WRITTEN[type];
	if (written) return written(value) ? [] : [`${at}: not a ${type}, but ${JSON.stringify(value)?.slice(0, 60)}`];
	const enumeration = ENUMS[type];
	if (enumeration === undefined) return departures(type, value, at);
	const known = typeof value === "string" && enumeration.values.includes(value);
	return known ? [] : [`${at}: ${JSON.stringify(value)?.slice(0, 60)} is not a ${type}`];
}
