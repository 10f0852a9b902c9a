/** JSON in and out: one reader, over bytes, of what is to be sent, that sees what JSON.parse changes without a word; and what `--json` prints. */
import { refusal } from "./errors.ts";
import { clean, escaped, isSecret, mask, UNSEEN } from "./text.ts";

/** What is wrong with JSON; `at` is the index of the first byte that can't stand there, or the length. */
export type Fault =
	| { kind: "syntax"; at: number }
	| { kind: "deep" }
	| { kind: "twice"; key: string }
	| { kind: "number"; text: string; why: string };

/** Called for each field of the object that the JSON is, with where its value stands. */
export type OnField = (key: string, from: number, to: number) => void;

/** In levels: a server's parser takes ten times as many (measured), and a stack ends. */
const DEEPEST = 1000;
const [QUOTE, COMMA, COLON, BACKSLASH, MINUS, PLUS, DOT, ZERO] = Buffer.from('",:\\-+.0');
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN, CLOSE, UNICODE] = Buffer.from("{}[]u");
const WORDS = ["true", "false", "null"].map((word) => Buffer.from(word));
const ESCAPES = Buffer.from('"\\/bfnrtu');

export const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isE = (byte: number | undefined): boolean => byte === 0x65 || byte === 0x45;
const isHex = (byte = 0): boolean => isDigit(byte) || ((byte | 32) >= 0x61 && (byte | 32) <= 0x66);

/** A fault after which nothing is known of the rest. */
class Broken extends Error {
	readonly fault: Fault;
	constructor(fault: Fault) {
		super(fault.kind);
		this.fault = fault;
	}
}

/** What is wrong with JSON in UTF-8. No object is made of it, however long it is. */
export function faultIn(bytes: Buffer, onField?: OnField): Fault | undefined {
	try {
		return new Reader(bytes, onField).whole();
	} catch (error) {
		if (error instanceof Broken) return error.fault;
		throw error;
	}
}

class Reader {
	readonly #bytes: Buffer;
	readonly #onField: OnField | undefined;
	#at = 0;
	/** The first fault that leaves the rest readable. */
	#fault: Fault | undefined;
	constructor(bytes: Buffer, onField: OnField | undefined) {
		this.#bytes = bytes;
		this.#onField = onField;
	}

	whole(): Fault | undefined {
		this.#value(0);
		if (this.#next() !== undefined) this.#wrong();
		return this.#fault;
	}

	#wrong(): never {
		throw new Broken({ kind: "syntax", at: this.#at });
	}

	/** The next byte that is no space. */
	#next(): number | undefined {
		while (isSpace(this.#bytes[this.#at])) this.#at++;
		return this.#bytes[this.#at];
	}

	#expect(fits: boolean): void {
		if (!fits) this.#wrong();
		this.#at++;
	}

	#value(depth: number): void {
		const first = this.#next();
		if (first === QUOTE) this.#string();
		else if (first === OPEN_OBJECT || first === OPEN) this.#container(first === OPEN, depth + 1);
		else if (isDigit(first) || first === MINUS) this.#number();
		else this.#word(first);
	}

	#word(first: number | undefined): void {
		const word = WORDS.find((one) => one[0] === first);
		if (!word) this.#wrong();
		for (const byte of word) this.#expect(this.#bytes[this.#at] === byte);
	}

	#container(isArray: boolean, depth: number): void {
		if (depth > DEEPEST) throw new Broken({ kind: "deep" });
		const close = isArray ? CLOSE : CLOSE_OBJECT;
		const keys = new Set<string>();
		this.#at++;
		if (this.#next() !== close)
			for (let more = true; more; ) {
				const key = isArray ? undefined : this.#key(keys);
				this.#next();
				const from = this.#at;
				this.#value(depth);
				if (depth === 1 && key !== undefined) this.#onField?.(key, from, this.#at);
				more = this.#next() === COMMA;
				if (more) this.#at++;
			}
		this.#expect(this.#next() === close);
	}

	/** A key and its colon. */
	#key(known: Set<string>): string {
		this.#next();
		const from = this.#at;
		this.#string();
		const raw = this.#bytes.toString("utf8", from + 1, this.#at - 1);
		const key = raw.includes("\\") ? String(JSON.parse(`"${raw}"`)) : raw;
		if (known.size === known.add(key).size) this.#fault ??= { kind: "twice", key };
		this.#expect(this.#next() === COLON);
		return key;
	}

	#string(): void {
		const bytes = this.#bytes;
		this.#expect(bytes[this.#at] === QUOTE);
		for (;;) {
			let at = this.#at;
			let byte = bytes[at] ?? 0;
			while (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) byte = bytes[++at] ?? 0;
			this.#at = at;
			this.#expect(byte >= 0x20);
			if (byte === QUOTE) return;
			if (byte !== BACKSLASH) continue;
			const escaped = this.#bytes[this.#at] ?? 0;
			this.#expect(ESCAPES.includes(escaped));
			if (escaped === UNICODE) for (let n = 0; n < 4; n++) this.#expect(isHex(this.#bytes[this.#at]));
		}
	}

	#number(): void {
		const from = this.#at;
		if (this.#bytes[this.#at] === MINUS) this.#at++;
		if (this.#bytes[this.#at] === ZERO) this.#at++;
		else this.#digits();
		if (this.#bytes[this.#at] === DOT) {
			this.#at++;
			this.#digits();
		}
		const hasExponent = isE(this.#bytes[this.#at]);
		if (hasExponent) {
			const sign = this.#bytes[++this.#at];
			if (sign === PLUS || sign === MINUS) this.#at++;
			this.#digits();
		}
		// Fifteen digits always stay as they are.
		if (!hasExponent && this.#at - from <= 15) return;
		const text = this.#bytes.toString("latin1", from, this.#at);
		const why = changeOf(text);
		if (why) this.#fault ??= { kind: "number", text, why };
	}

	#digits(): void {
		this.#expect(isDigit(this.#bytes[this.#at]));
		while (isDigit(this.#bytes[this.#at])) this.#at++;
	}
}

/**
 * What would become of a number: Inngest and its functions keep 53 bits of it. A fraction may be written with as many
 * digits as one likes, as long as those are what is kept.
 */
function changeOf(text: string): string | undefined {
	const value = Number(text);
	if (!Number.isFinite(value)) return "which no number can represent";
	if (Math.abs(value) >= 2 ** 53) return "and numbers of 2^53 or more don't stay exact";
	const digitsOf = (one: string) => one.replace(/e.*$|[-.]/gi, "").replace(/^0+|0+$/g, "");
	const written = digitsOf(text);
	if (written === "") return undefined;
	const kept = written.length <= 100 ? digitsOf(value.toPrecision(written.length)) : "";
	return kept === written ? undefined : "which would be rounded";
}

/** A fault of JSON that can be read, as it is said of the text. */
export function faultText(fault: Exclude<Fault, { kind: "syntax" }>): string {
	if (fault.kind === "deep") return "is nested deeper than 1,000 levels";
	if (fault.kind === "number") return `contains ${fault.text.slice(0, 30)}, ${fault.why}`;
	return `has the key ${clean(JSON.stringify(fault.key), 60)} twice`;
}
const ADVICE = { deep: "Give it flatter data.", number: "Put it in quotes.", twice: "Give each key once." };

/** Parses JSON; throws a UsageError that says where it is wrong. */
export function parseJson(text: string, name: string): unknown {
	const bytes = Buffer.from(text);
	const fault = faultIn(bytes);
	if (!fault) return JSON.parse(text);
	if (fault.kind !== "syntax") throw refusal(`${name} ${faultText(fault)}`, ADVICE[fault.kind]);
	const before = bytes.toString("utf8", 0, fault.at);
	const point = bytes.toString("utf8", fault.at, fault.at + 4).codePointAt(0);
	const found = JSON.stringify(clean(String.fromCodePoint(point ?? 0), 4) || "control character");
	const what = fault.at < bytes.length ? `has an unexpected ${found}` : "ends too early";
	const place = `line ${before.split("\n").length}, column ${before.length - before.lastIndexOf("\n")}`;
	throw refusal(
		`${name} is not valid JSON: it ${what} at ${place}`,
		"Keys and strings take double quotes; @file or - avoids shell quoting.",
	);
}

/** What `--json` prints: all, with hidden characters escaped, halves of characters replaced and credentials masked, the skill's own by `conceal`. */
export function toJson(value: unknown, conceal: (text: string) => string = (text) => text): string {
	// Half of a character, escaped, is JSON that jq and Python can't read.
	const harmlessText = (text: string) => conceal(mask(text.toWellFormed()));
	const harmless = (item: unknown, depth: number, secret = false): unknown => {
		if (secret && (typeof item === "string" || typeof item === "number")) return "[masked]";
		if (typeof item === "string") return harmlessText(item);
		if (typeof item === "number") return conceal(String(item)) === String(item) ? item : conceal(String(item));
		if (typeof item !== "object" || item === null) return item;
		if (depth > DEEPEST) return "…";
		if (Array.isArray(item)) return item.map((one) => harmless(one, depth + 1, secret));
		return Object.fromEntries(
			Object.entries(item).map(([key, one]) => [
				harmlessText(key),
				harmless(one, depth + 1, secret || isSecret(key, one)),
			]),
		);
	};
	return JSON.stringify(harmless(value, 0)).replace(UNSEEN, escaped);
}
