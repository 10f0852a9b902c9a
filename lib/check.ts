/** Checks the bytes of one event of a stream. Nearly all are good, and found so without making objects of them. */
import { isUtf8 } from "node:buffer";
import { EVENT_LIMIT, FIELDS, faultOf } from "./events.ts";
import { bare, infinite, tooDeep } from "./json.ts";
import { isSpace } from "./split.ts";
import { clean } from "./text.ts";

/** The name of an event, or what is wrong with it: `notJson` where its bytes are no JSON at all. */
export interface Checked {
	name?: string;
	fault?: string;
	notJson?: boolean;
}

/** Checks an event. `raw` is undefined where it was too large to read. */
export function checkEventBytes(raw: Buffer | undefined): Checked {
	if (raw === undefined || raw.length > EVENT_LIMIT) return { fault: "larger than 3 MiB" };
	if (!isUtf8(raw)) return { fault: "not UTF-8" };
	const good = goodEvent(raw);
	if (good) return good;
	const text = raw.toString("utf8");
	let event: unknown;
	try {
		event = JSON.parse(text);
	} catch (error) {
		const why =
			error instanceof Error
				? error.message.replace(/, ?"?\.{3}.*| is not valid JSON| \(line.*| in JSON(?= at)/gs, "")
				: "";
		return { fault: `not valid JSON (${clean(why, 80)})`, notJson: true };
	}
	const plain = bare(text);
	const large = infinite(plain);
	const fault =
		faultOf(event) ?? tooDeep(plain) ?? (large && `contains ${large.slice(0, 30)}, which no number can represent`);
	if (fault) return { fault };
	const { name, ts } = event as { name: string; ts?: number };
	// What is sent is the text: Go refuses 1e12 and 1.0 for an integer, where JSON.parse sees no difference.
	if (ts != null && ![...text.matchAll(/"ts"\s*:\s*(\d+)\s*[,}]/g)].some(([, written]) => written === String(ts)))
		return { fault: "ts is not written as a plain whole number" };
	if (goodNames.size < 1000) goodNames.set(Buffer.from(name).toString("latin1"), { name });
	return { name };
}

/** Names that were checked in full, by their bytes as Latin-1. */
const goodNames = new Map<string, { name: string }>();
const QUOTE = 0x22;
const KEYS = FIELDS.map((name) => Buffer.from(name));
const [META, TS] = [FIELDS.indexOf("meta"), FIELDS.indexOf("ts")];
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

const isAt = (b: Buffer, start: number, bytes: Buffer): boolean => {
	for (let i = 0; i < bytes.length; i++) if (b[start + i] !== bytes[i]) return false;
	return true;
};

/** The name that was found last, which most often is the next one too: no string is made for it. */
let last: { bytes: Buffer; name: { name: string } | undefined } = { bytes: Buffer.alloc(0), name: undefined };
function goodName(b: Buffer, from: number, to: number): { name: string } | undefined {
	if (last.name === undefined || last.bytes.length !== to - from || !isAt(b, from, last.bytes))
		last = { bytes: Buffer.from(b.subarray(from, to)), name: goodNames.get(b.toString("latin1", from, to)) };
	return last.name;
}

/** The name, if the bytes are for certain a good event, of fields in a plain form; undefined says nothing. */
function goodEvent(b: Buffer): { name: string } | undefined {
	let found: { name: string } | undefined;
	let seen = 0;
	let i = space(b, 0);
	if (b[i] !== 0x7b) return undefined;
	do {
		const key = space(b, i + 1);
		const keyEnd = string(b, key);
		const at = keyEnd < 0 ? -1 : space(b, keyEnd);
		if (at < 0 || b[at] !== 0x3a) return undefined;
		const field = KEYS.findIndex((name) => name.length === keyEnd - key - 2 && isAt(b, key + 1, name));
		// A field that is there twice, or not known, is for the full check, and so is meta.
		if (field < 0 || field === META || seen & (1 << field)) return undefined;
		seen |= 1 << field;
		const from = space(b, at + 1);
		const end = value(b, from, 1);
		if (end < 0) return undefined;
		const first = b[from];
		if (field === 0) found = first === QUOTE ? goodName(b, from + 1, end - 1) : undefined;
		else if (
			field <= 2
				? first !== 0x7b
				: field === TS
					? !/^[1-3]\d{12}$/.test(b.toString("latin1", from, end))
					: first !== QUOTE
		)
			return undefined;
		i = space(b, end);
	} while (b[i] === 0x2c);
	return b[i] === 0x7d && space(b, i + 1) === b.length ? found : undefined;
}

function space(b: Buffer, i: number): number {
	while (isSpace(b[i])) i++;
	return i;
}

/** Where the JSON value that begins at `i` ends, or -1 if there is none that is plain, or one nested very deeply. */
function value(b: Buffer, i: number, depth: number): number {
	const first = b[i];
	if (first === QUOTE) return string(b, i);
	if (first === 0x7b || first === 0x5b) return depth > 100 ? -1 : container(b, i, depth);
	for (const word of first === 0x74 ? "true" : first === 0x66 ? "false" : first === 0x6e ? "null" : "")
		if (b[i++] !== word.charCodeAt(0)) return -1;
	return first === 0x74 || first === 0x66 || first === 0x6e ? i : number(b, i);
}

function container(b: Buffer, i: number, depth: number): number {
	const isObject = b[i] === 0x7b;
	const close = isObject ? 0x7d : 0x5d;
	i = space(b, i + 1);
	if (b[i] === close) return i + 1;
	for (;;) {
		if (isObject) {
			i = string(b, i);
			if (i < 0) return -1;
			i = space(b, i);
			if (b[i] !== 0x3a) return -1;
			i = space(b, i + 1);
		}
		i = value(b, i, depth + 1);
		if (i < 0) return -1;
		i = space(b, i);
		if (b[i] === close) return i + 1;
		if (b[i] !== 0x2c) return -1;
		i = space(b, i + 1);
	}
}

function string(b: Buffer, i: number): number {
	if (b[i] !== QUOTE) return -1;
	for (i++; i < b.length; i++) {
		const byte = b[i] ?? 0;
		if (byte === QUOTE) return i + 1;
		if (byte < 0x20) return -1;
		if (byte !== 0x5c) continue;
		const escaped = b[++i];
		if (escaped === 0x75) {
			if (!/^[0-9a-f]{4}$/i.test(b.toString("latin1", i + 1, i + 5))) return -1;
			i += 4;
		} else if (escaped === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(escaped))) return -1;
	}
	return -1;
}

function number(b: Buffer, i: number): number {
	if (b[i] === 0x2d) i++;
	const start = i;
	i = digits(b, i);
	if (i === start || (b[start] === 0x30 && i > start + 1)) return -1;
	if (b[i] === 0x2e) {
		const point = ++i;
		i = digits(b, i);
		if (i === point) return -1;
	}
	// With an exponent it may be too large: that is for the full check.
	return b[i] === 0x65 || b[i] === 0x45 ? -1 : i;
}

function digits(b: Buffer, i: number): number {
	while (isDigit(b[i])) i++;
	return i;
}
