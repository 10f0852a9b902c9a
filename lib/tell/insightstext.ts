/** What Insights answers, in words: a narrow table, what is wrong with a query and where, tables with their columns. */
import { clean, excerpt, grouped, isSecret, type Line, named, plural, quote, word, words } from "../text/text.ts";

/** Of a query's answer; a zero value is left out (service.proto, 1.43: QueryInsightsData). */
export interface Found {
	columns: readonly { name: string }[];
	rows: readonly (readonly unknown[])[];
	diagnostics: readonly Diagnostic[];
}

export interface Diagnostic {
	/** ERROR, WARNING or INFO. */
	severity: string;
	code: string;
	message: string;
	/** Characters of the query, from the first. */
	position?: { start?: number | undefined; end?: number | undefined } | null | undefined;
}

/** Columns and characters of a text that are shown at most. */
const COLUMNS = 8;
const WIDTH = 60;
/** A page holds as many rows at most (Inngest's documentation, 2026-11). */
const PAGE = 1_000;

const SEVERITIES = ["error", "warning", "info"];
const MOMENT = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d[\d:.]*(Z|[+-]\d\d:?\d\d)?$/;

function cellText(column: string, value: unknown): string {
	if (value === null || value === undefined) return "null";
	if (isSecret(column, value)) return "[masked]";
	if (typeof value === "object") return excerpt(value, WIDTH);
	const text = String(value);
	if (typeof value !== "string" || MOMENT.test(text)) return text;
	return text.length > WIDTH ? quote(text, WIDTH) : word(text);
}

const isError = ({ severity }: Diagnostic): boolean => severity === "ERROR";
export const hasFailed = ({ diagnostics }: Found): boolean => diagnostics.some(isError);

/** The first `limit` rows of what a query found, and what is not shown of it. */
export function tableLines(query: string, found: Found, limit: number, label: string): Line[] {
	const { columns, rows, diagnostics } = found;
	const shown = rows.slice(0, limit);
	const names = columns.slice(0, COLUMNS).map(({ name }) => name);
	const cells = shown.map((row) => names.map((name, i) => cellText(name, row[i])));
	const omitted = columns.slice(COLUMNS).map(({ name }) => word(name));
	const left = rows.length - shown.length;
	const isCut = cells.flat().some((cell) => /… \([\d.]+ [kM]?B\)»$/.test(cell));
	const counted = words(left > 0 && `${shown.length} of`, plural(rows.length, "row"));
	return [
		`${hasFailed(found) ? "The query failed" : counted} (${label})`,
		...diagnostics.toSorted((a, b) => Number(isError(b)) - Number(isError(a))).flatMap((one) => faultLines(query, one)),
		shown.length > 0 && names.map(word).join(" | "),
		...cells.map((row) => row.join(" | ")),
		left > 0 && `${plural(left, "row")} omitted: --limit shows up to 100, --json all.`,
		rows.length >= PAGE && `Insights returns ${grouped(PAGE)} rows at most: there may be more.`,
		omitted.length > 0 &&
			`${plural(omitted.length, "column")} omitted: ${named(omitted, 10)}. Select fewer, or use --json.`,
		isCut && "Values that are cut show their size; --json has them whole.",
		!rows.length &&
			!hasFailed(found) &&
			"Insights is some minutes behind: `list-runs` and `list-events` have what is new.",
	];
}

/** `warning limited: «…» at line 2, column 7:`, and the query's line with what is meant underlined. */
function faultLines(query: string, { severity, code, message, position }: Diagnostic): string[] {
	const [kind = "note"] = SEVERITIES.filter((one) => one === severity.toLowerCase());
	const told = `${words(kind, code && word(code))}: ${quote(message, 300)}`;
	const { start = 0, end = start + 1 } = position ?? {};
	const all = Array.from(query);
	if (!position || start > all.length) return [told];
	const before = all.slice(0, start).join("").split("\n");
	const prefix = Array.from(before.at(-1) ?? "");
	const [rest = ""] = all.slice(start).join("").split("\n");
	const left = clean(prefix.slice(-WIDTH).join(""), WIDTH);
	const right = Array.from(rest).slice(0, WIDTH).join("");
	const marks = "^".repeat(Math.max(1, Math.min(end - start, Array.from(right).length)));
	return [
		`${told} at line ${before.length}, column ${prefix.length + 1}:`,
		`  ${quote(left + right, 2 * WIDTH)}`,
		`   ${" ".repeat(Array.from(left).length)}${marks}`,
	];
}

/** As `GET /v2/insights/tables` lists it (InsightsTable). */
export interface Table {
	name: string;
	description: string;
	columns: readonly { name: string; type: string }[];
}

export const tablesLines = (tables: readonly Table[], label: string): Line[] => [
	`${plural(tables.length, "table")} (${label})`,
	...tables.flatMap(({ name, description, columns }) => [
		words(word(name), description && quote(description, 100)),
		columns.length > 0 &&
			`  ${named(
				columns.map((one) => words(word(one.name), word(one.type))),
				40,
			)}`,
	]),
	tables.length > 0 && "--json has what each column is for.",
];
