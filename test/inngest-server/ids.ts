/** Ids as Inngest makes them: ULIDs for events and runs, SHA-1 UUIDs for apps and functions, hashes for steps. */
import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const OID_NAMESPACE = Buffer.from("6ba7b8129dad11d180b400c04fd430c8", "hex");

/** What `oklog/ulid.Parse` accepts: 26 characters of any alphabet, as it doesn't check them, without overflow. */
export const isUlid = (id: string): boolean => id.length === 26 && id.charAt(0) <= "7";

/** The first ten characters of a ULID. */
function encodeTime(ms: number): string {
	let text = "";
	let rest = Math.floor(ms);
	for (let i = 0; i < 10; i++) {
		text = ALPHABET.charAt(rest % 32) + text;
		rest = Math.floor(rest / 32);
	}
	return text;
}

let lastMs = -1;
let lastTime = "";

/** A ULID of a time and ten bytes of `entropy` beginning at `offset`. */
export function ulidOf(ms: number, entropy: Uint8Array, offset = 0): string {
	if (ms !== lastMs) {
		lastMs = ms;
		lastTime = encodeTime(ms);
	}
	let text = lastTime;
	for (let i = offset; i < offset + 10; i += 5) {
		const a = entropy[i] ?? 0;
		const b = entropy[i + 1] ?? 0;
		const c = entropy[i + 2] ?? 0;
		const d = entropy[i + 3] ?? 0;
		const e = entropy[i + 4] ?? 0;
		text += ALPHABET.charAt(a >> 3);
		text += ALPHABET.charAt(((a & 7) << 2) | (b >> 6));
		text += ALPHABET.charAt((b >> 1) & 31);
		text += ALPHABET.charAt(((b & 1) << 4) | (c >> 4));
		text += ALPHABET.charAt(((c & 15) << 1) | (d >> 7));
		text += ALPHABET.charAt((d >> 2) & 31);
		text += ALPHABET.charAt(((d & 3) << 3) | (e >> 5));
		text += ALPHABET.charAt(e & 31);
	}
	return text;
}

const POOL = 10 * 1024;
let pool = randomBytes(POOL);
let used = 0;

/** From now on ids use new random bytes: the same ids if those are the same. */
export function newIds(): void {
	pool = randomBytes(POOL);
	used = 0;
}

/** A new ULID. Its random part comes from a pool: a call of `randomBytes` per event would be most of its cost. */
export function ulid(ms: number = Date.now()): string {
	if (used === POOL) {
		pool = randomBytes(POOL);
		used = 0;
	}
	used += 10;
	return ulidOf(ms, pool, used - 10);
}

/** The time in a ULID. */
export function ulidTime(id: string): number {
	let ms = 0;
	for (let i = 0; i < 10; i++) ms = ms * 32 + Math.max(0, ALPHABET.indexOf(id.charAt(i)));
	return ms;
}

/** What `x-inngest-event-id-seed` fixes: `<unix ms>,<base64 of 10 bytes>`. */
export interface Seed {
	ms: number;
	entropy: Buffer;
}

/** Reads the header; a malformed one is ignored, as on the real server. */
export function parseSeed(header: string | undefined): Seed | undefined {
	const [time = "", bytes = "", ...rest] = header?.split(",") ?? [];
	if (rest.length > 0 || !/^[+-]?\d+$/.test(time)) return undefined;
	const ms = Number(time);
	const entropy = Buffer.from(bytes, "base64");
	if (ms <= 0 || entropy.length !== 10 || entropy.toString("base64") !== bytes) return undefined;
	return { ms, entropy };
}

/** The id of the `index`-th event (from 1) under a seed: the index is added to the last four bytes. */
export function seededUlid(seed: Seed, index: number): string {
	const entropy = Buffer.from(seed.entropy);
	entropy.writeUInt32BE((entropy.readUInt32BE(6) + index) >>> 0, 6);
	return ulidOf(seed.ms, entropy);
}

/** A SHA-1 UUID of a text in the OID name space: an app's of its name, a function's of its name and URI. */
export function uuidOf(text: string): string {
	const bytes = createHash("sha1").update(OID_NAMESPACE).update(text).digest().subarray(0, 16);
	bytes[6] = ((bytes[6] ?? 0) & 15) | 0x50;
	bytes[8] = ((bytes[8] ?? 0) & 63) | 0x80;
	const hex = bytes.toString("hex");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");

/** Sixteen hexadecimal digits that are the same for the same text: a span's id. */
export const spanId = (text: string): string => sha1(`span:${text}`).slice(0, 16);

/** A small hash (FNV-1a), for numbers that should look random but be the same for the same id. */
export function hash(text: string): number {
	let value = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
	return value >>> 0;
}

/** A small deterministic random number generator (mulberry32), from 0 to 1. */
export function random(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}
