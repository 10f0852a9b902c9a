/**
 * Makes a process repeatable: a clock that stands still until everything waits for it, random numbers from a seed, and
 * no network but one address, which leads to a server in this process. Only globals and `node:` modules are changed, so
 * that it holds for any build, however that comes by the time. To be installed before anything else is loaded.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";
import { promisify } from "node:util";

/** When every scene begins. */
export const START = Date.UTC(2026, 10, 23, 12);
/** Where the skill believes the server to be: the same in each run, as codes of plans depend on it. */
export const PORT = 8288;
/** No call takes longer than this, in real ms: one that does has been forgotten by somebody. */
const LONGEST = 20_000;
/** After as many turns of the event loop without anything in flight, all wait for the clock. */
const CALM = 4;

const require = createRequire(import.meta.url);
const modules: {
	http: typeof import("node:http");
	https: typeof import("node:https");
	fs: typeof import("node:fs");
	crypto: typeof import("node:crypto");
	timers: typeof import("node:timers");
	sleeps: typeof import("node:timers/promises");
} = {
	http: require("node:http"),
	https: require("node:https"),
	fs: require("node:fs"),
	crypto: require("node:crypto"),
	timers: require("node:timers"),
	sleeps: require("node:timers/promises"),
};
const real = { now: Date.now, immediate: setImmediate, clearTimeout };

/** Replaces a member of a module or a global. */
function replace(owner: object, name: PropertyKey, value: unknown): void {
	Object.defineProperty(owner, name, { value, configurable: true, enumerable: true, writable: true });
}

/** What the server does on behalf of a request goes on under this, with the port that the request came from. */
const serving = new AsyncLocalStorage<{ port: number | undefined }>();

/** Does something as the server does it: with random numbers of its own, and timers that nobody waits for. */
export const asServer = <T>(work: () => T): T => serving.run({ port: undefined }, work);

/** Does something as the skill, though the server is at work. */
export const asSkill = <T>(work: () => T): T => serving.exit(work);

// The clock.

let now = START;
let order = 0;

class Timer {
	at: number;
	order = order++;
	/** Nobody waits for it, so time does not pass for its sake alone. */
	idle: boolean;
	private readonly ms: number;
	private readonly action: () => void;

	constructor(ms: number, action: () => void) {
		this.ms = Math.max(1, Math.trunc(ms) || 1);
		this.at = now + this.ms;
		this.action = action;
		this.idle = serving.getStore() !== undefined;
		timers.add(this);
	}
	fire(): void {
		timers.delete(this);
		this.action();
	}
	ref(): this {
		this.idle = serving.getStore() !== undefined;
		return this;
	}
	unref(): this {
		this.idle = true;
		return this;
	}
	hasRef(): boolean {
		return !this.idle;
	}
	refresh(): this {
		this.at = now + this.ms;
		timers.add(this);
		return this;
	}
	close(): this {
		timers.delete(this);
		return this;
	}
	[Symbol.toPrimitive](): number {
		return this.order;
	}
	[Symbol.dispose](): void {
		this.close();
	}
}
const timers = new Set<Timer>();

/** Ports of the clients whose requests the server answers only when some time has passed. */
const held = new Set<number>();

function setLater(action: (...args: unknown[]) => void, ms = 1, ...args: unknown[]): Timer {
	const inContext = AsyncLocalStorage.snapshot();
	return new Timer(ms, () => inContext(() => action(...args)));
}

function clearLater(timer: unknown): void {
	if (timer instanceof Timer) timer.close();
	else if (typeof timer === "number") for (const one of timers) if (one.order === timer) one.close();
}

function sleep<T>(ms = 1, value?: T, { signal, ref = true }: { signal?: AbortSignal; ref?: boolean } = {}) {
	const port = serving.getStore()?.port;
	return new Promise<T | undefined>((resolve, reject) => {
		const abort = () => {
			timer.close();
			end();
			const error = new Error("The operation was aborted", { cause: signal?.reason });
			reject(Object.assign(error, { name: "AbortError", code: "ABORT_ERR" }));
		};
		const end = () => {
			if (port !== undefined) held.delete(port);
			signal?.removeEventListener("abort", abort);
		};
		const timer = new Timer(ms, () => {
			end();
			resolve(value);
		});
		if (!ref) timer.unref();
		if (port !== undefined) held.add(port);
		if (signal?.aborted) abort();
		else signal?.addEventListener("abort", abort, { once: true });
	});
}

/** The next timer that is due. */
const nextTimer = (): Timer | undefined =>
	[...timers].reduce<Timer | undefined>(
		(first, one) => (!first || one.at < first.at || (one.at === first.at && one.order < first.order) ? one : first),
		undefined,
	);

/** Lets time pass, with all that is due in it. */
export function pass(ms: number): void {
	const end = now + ms;
	for (let timer = nextTimer(); timer && timer.at <= end; timer = nextTimer()) {
		now = Math.max(now, timer.at);
		timer.fire();
	}
	now = end;
}

/** Connections to the server. */
const sockets = new Set<Socket>();

/** Requests that were begun and have not ended. */
const open = new Set<ClientRequest>();

/** Nothing is in flight but requests that the server holds back, and those that are queued behind them. */
function allWait(): boolean {
	const ports = [...open].flatMap(({ socket }) => (socket ? [socket.localPort] : []));
	return open.size === 0 || (ports.length > 0 && ports.every((port) => port !== undefined && held.has(port)));
}

const awaited = (): boolean => [...timers].some((timer) => !timer.idle);

/** Waits for something, and lets time pass whenever everything waits for the clock. Answers whether it came to an end. */
export async function until(isOver: () => boolean): Promise<boolean> {
	const limit = real.now() + LONGEST;
	for (let calm = 0; !isOver(); ) {
		await new Promise((resolve) => real.immediate(resolve));
		calm = allWait() && awaited() ? calm + 1 : 0;
		if (calm >= CALM) {
			const timer = nextTimer();
			now = Math.max(now, timer?.at ?? now);
			timer?.fire();
			calm = 0;
		}
		if (real.now() > limit) return false;
	}
	return true;
}

/** Whether a process would end now: nothing is in flight, and no timer keeps it. */
export const isDone = (): boolean => open.size === 0 && !awaited();

// Chance.

/** Mulberry32, from 0 to 1. */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** One for the skill and one for the server, for each kind of use: who asks once more changes nothing for the others. */
const chance = () => ({ math: generator(1), bytes: generator(2), uuid: generator(3) });
let chances = { skill: chance(), server: chance() };
const mine = () => (serving.getStore() ? chances.server : chances.skill);

function bytes(size: number, from: () => number = mine().bytes): Buffer {
	const made = Buffer.alloc(size + 4);
	for (let i = 0; i < size; i += 4) made.writeUInt32LE(from() * 2 ** 32, i);
	return made.subarray(0, size);
}

function uuid(): string {
	const raw = bytes(16, mine().uuid);
	raw[6] = ((raw[6] ?? 0) & 15) | 0x40;
	raw[8] = ((raw[8] ?? 0) & 63) | 0x80;
	return raw.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** From now on the same random numbers as after any other call of this. */
export function reseed(): void {
	chances = { skill: chance(), server: chance() };
}

/** How long ago the scene began, in ms. */
export const elapsed = (): number => now - START;

/** Begins anew: the time, chance, and nothing in flight. */
export function restart(): void {
	now = START;
	order = 0;
	timers.clear();
	held.clear();
	for (const request of open) request.destroy();
	open.clear();
	// What the last server left open is not used for the next.
	for (const socket of sockets) socket.destroy();
	sockets.clear();
	reseed();
}

// The network.

/** The port that the server really listens at, if there is one. */
let listening: number | undefined;
let cloud = false;

/** From now on the one address leads to this port; `asCloud`: Inngest Cloud's addresses do. Nothing else is reached. */
export function route(port: number | undefined, asCloud: boolean): void {
	listening = port;
	cloud = asCloud;
}

/** What is done when the server receives a request: for Ctrl-C in the middle of something. */
let onRequest: (() => void) | undefined;
export function whenAsked(action: (() => void) | undefined): void {
	onRequest = action;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Standard input of the call in hand. */
let input: Buffer = Buffer.alloc(0);
export function giveInput(text: string): void {
	input = Buffer.from(text);
}

function failed(socket: Socket, code: string, what: string): Socket {
	process.nextTick(() => socket.destroy(Object.assign(new Error(`${what.split(" ")[0]} ${code}`), { code })));
	return socket;
}

function installNetwork(): void {
	const { http, https } = modules;
	const { request, createServer } = http;
	const secure = https.request;
	const { connect } = Socket.prototype;
	// One after another, in the order in which they were asked for.
	replace(http.Agent, "defaultMaxSockets", 1);
	http.globalAgent.maxSockets = 1;
	https.globalAgent.maxSockets = 1;
	const tracked = (made: unknown): unknown => {
		if (made instanceof http.ClientRequest) {
			open.add(made);
			made.once("close", () => open.delete(made));
		}
		return made;
	};
	replace(http, "request", (...args: unknown[]) => tracked(Reflect.apply(request, http, args)));
	replace(https, "request", (...args: unknown[]) => {
		const [url, ...rest] = args;
		if (!cloud || !(url instanceof URL) || !/^(api\.inngest\.com|inn\.gs)$/.test(url.hostname))
			return tracked(Reflect.apply(secure, https, args));
		const there = new URL(url.pathname + url.search, `http://127.0.0.1:${PORT}`);
		return tracked(Reflect.apply(request, http, [there, ...rest]));
	});
	replace(http, "createServer", (...args: unknown[]) => {
		const listener = args.pop();
		if (typeof listener !== "function") throw new Error("a server needs a listener");
		const server = createServer((asked: IncomingMessage, answer) => {
			onRequest?.();
			serving.run({ port: asked.socket.remotePort }, () => Reflect.apply(listener, server, [asked, answer]));
		});
		server.keepAliveTimeout = 0;
		return server;
	});
	replace(Socket.prototype, "connect", function (this: Socket, ...args: unknown[]) {
		const [options, done]: unknown[] = Array.isArray(args[0]) ? args[0] : args;
		if (!isObject(options)) return failed(this, "EINVAL", "connect");
		const host = String(options.host ?? "localhost");
		if (!/^(localhost|127\.0\.0\.1)$/.test(host)) return failed(this, "ENOTFOUND", "getaddrinfo");
		if (listening === undefined || Number(options.port) !== PORT) return failed(this, "ECONNREFUSED", "connect");
		sockets.add(this.once("close", () => sockets.delete(this)));
		return Reflect.apply(connect, this, [{ ...options, host: "127.0.0.1", port: listening }, done]);
	});
}

function installClock(): void {
	const clock = () => now;
	const { timers: module, sleeps } = modules;
	globalThis.Date = new Proxy(Date, {
		construct: (target, args, made) => Reflect.construct(target, args.length ? args : [now], made),
		apply: (target) => new target(now).toString(),
		get: (target, name, receiver) => (name === "now" ? clock : Reflect.get(target, name, receiver)),
	});
	replace(performance, "now", () => now - START);
	Object.defineProperty(setLater, promisify.custom, { value: sleep });
	for (const owner of [globalThis, module]) {
		replace(owner, "setTimeout", setLater);
		replace(owner, "clearTimeout", clearLater);
	}
	replace(sleeps, "setTimeout", sleep);
}

function installChance(): void {
	const { crypto } = modules;
	// What spreads the skill's pauses leaves them as they are, whether it draws a number (2.0.0) or a byte.
	replace(Math, "random", () => (serving.getStore() ? mine().math() : 0.5));
	replace(crypto, "randomUUID", uuid);
	replace(globalThis.crypto, "randomUUID", uuid);
	replace(globalThis.crypto, "getRandomValues", (into: Uint8Array) => {
		into.set(into.length === 1 ? [128] : bytes(into.length));
		return into;
	});
	replace(crypto, "randomBytes", (size: number, done?: (error: null, made: Buffer) => void) => {
		const made = size === 1 ? Buffer.of(128) : bytes(size);
		if (done) process.nextTick(done, null, made);
		return made;
	});
}

/** A pipe as standard input, which holds what the call was given. */
function installInput(): void {
	const { fs } = modules;
	const { fstatSync, readSync } = fs;
	const pipe = { isFile: () => false, isDirectory: () => false, isCharacterDevice: () => false, isFIFO: () => true };
	replace(fs, "fstatSync", (...args: unknown[]) => (args[0] === 0 ? pipe : Reflect.apply(fstatSync, fs, args)));
	replace(fs, "readSync", (...args: unknown[]) => {
		const [descriptor, into, offset = 0, length] = args;
		if (descriptor !== 0 || !(into instanceof Uint8Array)) return Reflect.apply(readSync, fs, args);
		const part = input.subarray(0, Math.min(Number(length ?? into.length), into.length - Number(offset)));
		into.set(part, Number(offset));
		input = input.subarray(part.length);
		return part.length;
	});
}

/** Installs all of it. */
export function install(): void {
	installClock();
	installChance();
	installNetwork();
	installInput();
	syncBuiltinESMExports();
}
