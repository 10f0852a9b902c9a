/**
 * Reads the plain YAML that skill.yaml is written in: block mappings and lists, one-line values, comments. It only saves
 * time (a fifth of a call): whatever is not certain to be that is undefined, and the `yaml` package decides.
 */

/** Undefined as well where YAML would fail, or a value would be null. */
export function parsePlain(source: string): unknown {
	if (/[^\n\x20-\x7e]/.test(source.replaceAll("\r\n", "\n"))) return undefined;
	const lines = source.split(/\r?\n/).flatMap((line): Line[] => {
		if (/^ *(#.*)?$/.test(line)) return [];
		const [, indent = "", dash, key, value] = /^( *)(?:(- )|([A-Za-z][\w-]*):(?: |$))(.*)$/.exec(line) ?? [];
		return [{ depth: dash === undefined && key === undefined ? -1 : indent.length, key, value: value ?? "" }];
	});
	let at = 0;
	/** The lines from here on that are indented as the first one is. */
	const block = (): unknown => {
		const { depth = -1, key: first } = lines[at] ?? {};
		const list: unknown[] = [];
		const map: Record<string, unknown> = {};
		for (let line = lines[at]; line && line.depth >= depth; line = lines[at]) {
			const { key, value } = line;
			if (depth < 0 || line.depth > depth || (key === undefined) !== (first === undefined)) return undefined;
			at++;
			const deeper = key !== undefined && value === "" && (lines[at]?.depth ?? -1) > depth;
			const item = deeper ? block() : flow(value);
			if (item === undefined || (key !== undefined && (Object.hasOwn(map, key) || WORDS.test(key)))) return undefined;
			if (key === undefined) list.push(item);
			else map[key] = item;
		}
		return first === undefined ? list : map;
	};
	const document = block();
	return at > 0 && at === lines.length ? document : undefined;
}

/** A line's indentation (-1 where it is not understood), its key unless it is an item of a list, and the rest. */
interface Line {
	depth: number;
	key: string | undefined;
	value: string;
}

/** What YAML may take for something else than a text. */
const WORDS = /^(?:true|false|null|yes|no|on|off)$/i;

/** A value, or a list of values in brackets. */
function flow(text: string): unknown {
	if (!text.startsWith("[")) return scalar(text);
	if (!/^\[[^[\]{}"#:]+\]$/.test(text)) return undefined;
	const items = text
		.slice(1, -1)
		.split(", ")
		.map((item) => (item.includes(",") ? undefined : scalar(item)));
	return items.includes(undefined) ? undefined : items;
}

function scalar(text: string): string | number | boolean | undefined {
	const quoted = /^"([^"\\]*)"$/.exec(text)?.[1];
	if (quoted !== undefined) return quoted;
	if (text === "true" || text === "false") return text === "true";
	if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
	const plain = /^[A-Za-z0-9]/.test(text) && !/: |:$| #| $/.test(text) && !WORDS.test(text);
	return plain && (/^[A-Za-z]/.test(text) || / |^\d+\.\d+\.\d+$/.test(text)) ? text : undefined;
}
