/**
 * The changes that tools/mutants.ts makes: a table of operators on the syntax tree; and the tree's functions, to record which ones tests
 * reach.
 */
import { parseAst } from "rolldown/parseAst";
import type { ESTree } from "rolldown/utils";

type Node = ESTree.Node;

/** The text that replaces what is from `start` to `end`. */
export interface Edit {
	start: number;
	end: number;
	text: string;
}

export interface Mutant extends Edit {
	/** Path from the repository's root. */
	file: string;
	operator: string;
	/** The innermost function that contains it: see instrument(). */
	scope: string;
	/** The expression or statement that it changes, for display. */
	from: number;
	to: number;
}

interface Operator {
	name: string;
	/** All edits of one node; `above`: the surrounding nodes, innermost last. */
	edits(node: Node, code: string, above: readonly Node[]): Edit[];
}

const COMPARISONS: Record<string, string[]> = {
	"<": ["<=", ">="],
	"<=": ["<", ">"],
	">": [">=", "<="],
	">=": [">", "<"],
	"===": ["!=="],
	"!==": ["==="],
	"==": ["!="],
	"!=": ["=="],
};
const LOGIC: Record<string, string[]> = {
	"&&": ["||"],
	"||": ["&&"],
	"??": ["&&"],
	"&&=": ["||="],
	"||=": ["&&="],
	"??=": ["&&="],
};
const ARITHMETIC: Record<string, string[]> = {
	"+": ["-"],
	"-": ["+"],
	"*": ["/"],
	"/": ["*"],
	"%": ["*"],
	"**": ["*"],
	"<<": [">>"],
	">>": ["<<"],
	">>>": ["<<"],
	"&": ["|"],
	"|": ["&"],
	"^": ["&"],
	"++": ["--"],
	"--": ["++"],
	"+=": ["-="],
	"-=": ["+="],
	"*=": ["/="],
	"/=": ["*="],
	"%=": ["*="],
};
const METHODS = new Map([
	["find", "findLast"],
	["findLast", "find"],
	["some", "every"],
	["every", "some"],
	["min", "max"],
	["max", "min"],
	["floor", "ceil"],
	["ceil", "floor"],
	["startsWith", "endsWith"],
	["endsWith", "startsWith"],
	["toLowerCase", "toUpperCase"],
	["toUpperCase", "toLowerCase"],
]);
/** Methods whose calls are replaced by what they are called on. */
const DROPPED = ["filter", "sort", "reverse", "slice", "toReversed", "toSorted", "trim"];

const put = ({ start, end }: { start: number; end: number }, text: string): Edit => ({ start, end, text });
const textOf = ({ start, end }: { start: number; end: number }, code: string) => code.slice(start, end);

/** Other operators of the same kind, from a table. */
const swap = (name: string, table: Record<string, string[]>): Operator => ({
	name,
	edits(node, code, above) {
		if (node.type === "UpdateExpression") {
			const at = node.prefix ? node.start : node.end - 2;
			return (table[node.operator] ?? []).map((text) => put({ start: at, end: at + 2 }, text));
		}
		if (
			node.type !== "BinaryExpression" &&
			node.type !== "LogicalExpression" &&
			!(node.type === "AssignmentExpression" && node.operator !== "=")
		)
			return [];
		const start = code.indexOf(node.operator, node.left.end);
		const end = start + node.operator.length;
		// The new operator may bind less tightly than its surroundings, and `??` can't be mixed without brackets.
		const outer = above.at(-1)?.type;
		const isInner = outer === "BinaryExpression" || outer === "LogicalExpression";
		const hasInner = node.left.type === "LogicalExpression";
		const left = hasInner ? `(${textOf(node.left, code)})` : textOf(node.left, code);
		const [before, after] = [code.slice(node.left.end, start), code.slice(end, node.end)];
		return (table[node.operator] ?? []).map((text) => {
			const whole = left + before + text + after;
			return isInner ? put(node, `(${whole})`) : hasInner ? put(node, whole) : put({ start, end }, text);
		});
	},
});

export const OPERATORS: readonly Operator[] = [
	{
		name: "condition",
		edits(node, code) {
			const isLoop = node.type === "WhileStatement" || node.type === "DoWhileStatement" || node.type === "ForStatement";
			if (node.type !== "IfStatement" && node.type !== "ConditionalExpression" && !isLoop) return [];
			const { test } = node;
			if (!test || test.type === "Literal") return [];
			// Other operators negate these.
			const negated =
				(test.type === "UnaryExpression" && test.operator === "!") ||
				(test.type === "BinaryExpression" && test.operator in COMPARISONS);
			// An endless loop would show nothing.
			const texts = [...(negated ? [] : [`!(${textOf(test, code)})`]), "false", ...(isLoop ? [] : ["true"])];
			return texts.map((text) => put(test, text));
		},
	},
	swap("comparison", COMPARISONS),
	swap("logic", LOGIC),
	swap("arithmetic", ARITHMETIC),
	{
		name: "number",
		edits(node) {
			if (node.type !== "Literal" || typeof node.value !== "number") return [];
			return [...(node.value === 1 ? [0] : []), node.value + 1].map((n) => put(node, String(n)));
		},
	},
	{
		name: "boolean",
		edits: (node) =>
			node.type === "Literal" && typeof node.value === "boolean" ? [put(node, String(!node.value))] : [],
	},
	{
		name: "string",
		edits: (node) => (node.type === "Literal" && typeof node.value === "string" && node.value ? [put(node, '""')] : []),
	},
	{
		name: "template",
		edits(node, code) {
			if (node.type !== "TemplateElement" || !node.value.raw) return [];
			const start = code.indexOf(node.value.raw, node.start);
			return [put({ start, end: start + node.value.raw.length }, "")];
		},
	},
	{
		name: "not",
		edits: (node, code) =>
			node.type === "UnaryExpression" && node.operator === "!" ? [put(node, textOf(node.argument, code))] : [],
	},
	{
		name: "await",
		edits: (node, code) => (node.type === "AwaitExpression" ? [put(node, textOf(node.argument, code))] : []),
	},
	{
		name: "array",
		edits: (node) => (node.type === "ArrayExpression" && node.elements.length ? [put(node, "[]")] : []),
	},
	{
		name: "property",
		edits(node, code, above) {
			const outer = above.at(-1)?.type;
			const isProperty = node.type === "Property" && outer === "ObjectExpression";
			const isSpread = node.type === "SpreadElement" && (outer === "ObjectExpression" || outer === "ArrayExpression");
			if (!isProperty && !isSpread) return [];
			const comma = /^\s*,/.exec(code.slice(node.end));
			return [put({ start: node.start, end: node.end + (comma?.[0].length ?? 0) }, "")];
		},
	},
	{
		name: "statement",
		edits: (node) => (node.type === "ExpressionStatement" ? [put(node, ";")] : []),
	},
	{
		name: "return",
		edits(node, _code, above) {
			if (node.type !== "ReturnStatement" || !node.argument) return [];
			const [outer, block] = above.slice(-2);
			const isLast = block?.type === "BlockStatement" && block.body.at(-1) === node && outer && isFunction(outer);
			return isLast ? [] : [put(node.argument, "undefined")];
		},
	},
	{
		name: "method",
		edits(node, code) {
			if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return [];
			const { object, property, computed } = node.callee;
			if (computed || property.type !== "Identifier") return [];
			const other = METHODS.get(property.name);
			const [first] = node.arguments;
			if (other !== undefined) return [put(property, other)];
			if (DROPPED.includes(property.name)) return [put({ start: object.end, end: node.end }, "")];
			if (property.name === "at" && first) return [put(first, textOf(first, code) === "0" ? "-1" : "0")];
			return [];
		},
	},
	{
		name: "regex",
		edits(node) {
			if (node.type !== "Literal" || !("regex" in node)) return [];
			const { pattern } = node.regex;
			const start = node.start + 1;
			// Classes and escapes count as one.
			return [...pattern.matchAll(/\\.|\[(?:\\.|[^\]])*\]|[$^+*]/gs)].flatMap(({ 0: found, index }) => {
				if (found.length > 1) return [];
				const text = found === "+" ? "*" : found === "*" ? "+" : "";
				const at = { start: start + index, end: start + index + 1 };
				return [put(at, pattern.length === 1 ? "(?:)" : text)];
			});
		},
	},
];

const isNode = (value: unknown): value is Node =>
	typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "start" in value;
const isFunction = (node: Node): node is ESTree.Function | ESTree.ArrowFunctionExpression =>
	node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

/** Not expressions: types, and the names of imports and exports. */
const isExcluded = ({ type }: Node) =>
	(type.startsWith("TS") && !/^TS(As|Satisfies|NonNull|Instantiation)Expression$/.test(type)) ||
	/^(Import|Export)(Declaration|AllDeclaration|Specifier|Attribute)$/.test(type);

const parse = (code: string) => parseAst(code, { lang: "ts", sourceType: "module", preserveParens: true });

/** Calls `visit` for every node that may be changed, outer nodes first. */
function walk(node: Node, visit: (node: Node, above: readonly Node[]) => void, above: readonly Node[] = []): void {
	if (isExcluded(node)) return;
	visit(node, above);
	const inside = [...above, node];
	for (const [key, value] of Object.entries(node)) {
		if (key === "parent" || (key === "source" && node.type === "ExportNamedDeclaration")) continue;
		for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, inside);
	}
}

const scopeOf = (file: string, fn?: Node) => `${file}@${fn ? fn.start : "module"}`;

/** What an edit changes: two operators may produce the same. */
function keyOf({ start, end, text }: Edit, code: string): string {
	const old = code.slice(start, end);
	let head = 0;
	while (head < Math.min(old.length, text.length) && old[head] === text[head]) head++;
	let tail = 0;
	while (tail < Math.min(old.length, text.length) - head && old.at(-1 - tail) === text.at(-1 - tail)) tail++;
	return `${start + head} ${end - tail} ${text.slice(head, text.length - tail)}`;
}

/** All mutants of a file, in text order. */
export function mutantsOf(file: string, code: string): Mutant[] {
	const found = new Map<string, Mutant>();
	walk(parse(code), (node, above) => {
		const scope = scopeOf(file, [...above, node].findLast(isFunction));
		const shown = node.type === "TemplateElement" ? (above.at(-1) ?? node) : node;
		for (const { name, edits } of OPERATORS)
			for (const edit of edits(node, code, above)) {
				const key = keyOf(edit, code);
				if (!found.has(key)) found.set(key, { file, operator: name, scope, from: shown.start, to: shown.end, ...edit });
			}
	});
	return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The mutant that replaces this text, which must occur exactly once. */
export function namedMutant(file: string, code: string, find: string, replace: string): Mutant {
	const start = code.indexOf(find);
	if (start < 0 || code.includes(find, start + 1))
		throw new Error(`${file} does not have exactly once: ${find}. Bring tools/named-mutants.ts up to date.`);
	const end = start + find.length;
	let fn: Node | undefined;
	walk(parse(code), (node) => {
		if (isFunction(node) && node.start <= start && node.end >= end) fn = node;
	});
	return { file, operator: "named", scope: scopeOf(file, fn), from: start, to: end, start, end, text: replace };
}

/** The code with an edit; it must still parse. */
export function mutated(code: string, { start, end, text }: Edit): string {
	const changed = code.slice(0, start) + text + code.slice(end);
	parse(changed);
	return changed;
}

/** Adds calls of `__reached` to the code that record which functions are entered, including the module itself, and when it is loaded. */
export function instrument(file: string, code: string): string {
	const inserts: { at: number; text: string }[] = [
		{ at: 0, text: `__reached("${scopeOf(file)}");` },
		{ at: code.length, text: ";__reached();" },
	];
	walk(parse(code), (node) => {
		if (!isFunction(node) || !node.body) return;
		const call = `__reached("${scopeOf(file, node)}")`;
		if (node.body.type === "BlockStatement") inserts.push({ at: node.body.start + 1, text: `${call};` });
		else inserts.push({ at: node.body.start, text: `(${call},` }, { at: node.body.end, text: ")" });
	});
	let told = "";
	let last = 0;
	for (const { at, text } of inserts.sort((a, b) => a.at - b.at)) {
		told += code.slice(last, at) + text;
		last = at;
	}
	return told + code.slice(last);
}

/** `lib/text.ts:12:3 comparison: a < b → a <= b`. */
export function mutantText(mutant: Mutant, code: string): string {
	const { file, operator, start, end, text } = mutant;
	const before = code.slice(0, start).split("\n");
	const cut = (part: string, most: number) => (part.length > most ? `${part.slice(0, most - 1)}…` : part);
	const from = Math.max(mutant.from, start - 30);
	const to = Math.min(mutant.to, end + 30);
	const shown = (part: string) =>
		(
			(from > mutant.from ? "…" : "") +
			(code.slice(from, start) + cut(part, 60) + code.slice(end, to)).replace(/\s+/g, " ").trim() +
			(to < mutant.to ? "…" : "")
		).trim() || "nothing";
	const column = (before.at(-1)?.length ?? 0) + 1;
	return `${file}:${before.length}:${column} ${operator}: ${shown(code.slice(start, end))} → ${shown(text)}`;
}
