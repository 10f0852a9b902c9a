/** Times as Inngest prints them. Instants are milliseconds, with a nanosecond part where Go would have one. */

/** `2026-11-23T20:57:33.808Z`, as protobuf prints a time of whole milliseconds (none of them: `…33Z`). */
export function protoMs(ms: number): string {
	const text = new Date(ms).toISOString();
	return ms % 1000 === 0 ? text.replace(".000Z", "Z") : text;
}

/** `2026-11-23T20:57:33.808123456Z`: `nanos` (below a million) are those after the millisecond. */
export function protoNanos(ms: number, nanos: number): string {
	if (nanos === 0) return protoMs(ms);
	const digits = nanos.toString().padStart(6, "0");
	return new Date(ms).toISOString().replace("Z", `${digits.endsWith("000") ? digits.slice(0, 3) : digits}Z`);
}

/** The same in Go's own JSON, without trailing zeros. */
export function goNanos(ms: number, nanos = 0): string {
	const text = new Date(ms).toISOString().replace("Z", nanos.toString().padStart(6, "0"));
	return `${text.replace(/\.?0+$/, "")}Z`;
}

/** The present, as in `fetchedAt`. */
export const protoNow = (): string => protoNanos(Date.now(), 1 + Math.floor(Math.random() * 999_998));
export const goNow = (plus = 0): string => goNanos(Date.now() + plus, 1 + Math.floor(Math.random() * 999_998));

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Microseconds of an RFC 3339 time, or undefined. */
export function rfc3339Micros(text: string): number | undefined {
	if (!RFC3339.test(text)) return undefined;
	const ms = Date.parse(text);
	if (Number.isNaN(ms)) return undefined;
	const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
	return ms * 1000 + Number(fraction.padEnd(6, "0").slice(3, 6));
}

/** Times that v1 accepts: RFC 3339 and, of the other formats of Go's `dateutil`, those without a zone. */
export function looseTime(text: string): number | undefined {
	if (RFC3339.test(text)) return Date.parse(text);
	if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Date.parse(text);
	return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}Z`) : undefined;
}
