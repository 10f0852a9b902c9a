import * as z from "zod/mini";
import { count, flag, intent, sql, toggle } from "../lib/cli/params.ts";
import type { Target } from "../lib/gate/target.ts";
import { many } from "../lib/inngest/api.ts";
import { hasFailed, tableLines, tablesLines } from "../lib/tell/setup.ts";
import { refusal, ServerError } from "../lib/text/errors.ts";
import { inTicks } from "../lib/text/nouns.ts";
import { isSecret, joined, quote } from "../lib/text/text.ts";
import { Fault, maybeNumber, text } from "../lib/wire/lenient.ts";
import { get, post, type Request } from "../lib/wire/request.ts";

const params = z.object({
	query: flag(z.optional(sql), "one SELECT", "SQL", { position: "one", json: "text" }),
	tables: toggle("instead: the tables, with their columns"),
	limit: flag(z._default(count(1, 100), 20), "rows shown, 1 to 100 (default 20)", "N"),
});
type Params = z.output<typeof params>;

const Column = z.object({ name: text, type: text });
/** service.proto, 1.43: QueryInsightsResponse, or ErrorResponse with 422. */
const Queried = z.object({
	data: z.nullish(
		z.object({
			columns: many(Column),
			rows: many(
				z.pipe(
					z.object({ values: z.optional(z.array(z.unknown())) }),
					z.transform(({ values = [] }) => values),
				),
			),
			diagnostics: many(
				z.object({
					severity: text,
					code: text,
					message: text,
					position: z.nullish(z.object({ start: maybeNumber })),
				}),
			),
		}),
	),
	errors: many(Fault),
	/** From a refusal (422), which may lack the reason. */
	status: z.optional(z.number()),
});
const Tables = z.object({
	data: many(z.object({ name: text, description: text, columns: many(z.looseObject({ name: text, type: text })) })),
});

const TABLES = get("/v2/insights/tables");

function requestOf({ query, tables }: Params): Request {
	if (tables !== (query === undefined))
		throw refusal("Give one query, or --tables", `${inTicks("query-insights --tables")} shows what can be queried.`);
	// It only reads, so it may be sent again.
	return query === undefined ? TABLES : post("/v2/insights/query", { query }, { repeatable: true, accept: [422] });
}

/** Self-hosted and dev servers have no Insights (measured: 501, v1.43), so nothing is requested from them. */
function refuseOwn({ kind, label }: Target): void {
	if (kind === "cloud") return;
	throw refusal(
		`${label} has no Insights: only Inngest Cloud answers SQL`,
		`Use ${["list-runs --count", "report-health", "triage-failures"].map(inTicks).join(", ")} or ${inTicks("list-events --match TEXT")} here.`,
	);
}

export default intent({
	params,
	check: (_, { target }) => refuseOwn(target),
	request: requestOf,
	async run(p, { api, target }) {
		const { label } = target;
		const asked = requestOf(p);
		if (p.query === undefined) {
			const { data } = await api.send(asked, Tables);
			const [first] = data.filter(({ name }) => /^\w+$/.test(name));
			const next = first && `query-insights 'SELECT count() FROM ${first.name}'`;
			return { lines: tablesLines(data, label), next: [next], data };
		}
		const { data, errors, status } = await api.send(asked, Queried);
		if (errors.length || status !== undefined) throw refusedQuery(errors, label);
		const read = data ?? { columns: [], rows: [], diagnostics: [] };
		const shown = (value: unknown, i: number) => (isSecret(read.columns[i]?.name ?? "", value) ? "[masked]" : value);
		const found = { ...read, rows: read.rows.map((row) => row.map(shown)) };
		return { lines: tableLines(found, p.limit, label), data: found, exit: hasFailed(found) ? 1 : 0 };
	},
});

function refusedQuery(errors: readonly { code: string; message: string }[], label: string): ServerError {
	const told = errors.length ? errors.slice(0, 3).map(({ message }) => quote(message, 300)) : ["no reason given"];
	const code = /^\w{1,40}$/.exec(errors[0]?.code ?? "")?.[0];
	const refused = joined(", ", code, "422");
	return new ServerError(
		`${label} refused the query: ${told.join("; ")} (${refused})`,
		`Correct it and call again; ${inTicks("query-insights --tables")} shows the tables and their columns. The dialect is ClickHouse's.`,
		{ status: 422, code },
	);
}
