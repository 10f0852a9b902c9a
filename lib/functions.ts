/** Apps and functions: listing them, and finding one by its name. */
import * as z from "zod/mini";
import { App, all, Fn, inParallel, One, type Run, type RunFilter } from "./api.ts";
import type { Api } from "./client.ts";
import { isNotFound, ServerError, UsageError } from "./errors.ts";
import { nearest } from "./manifest.ts";
import type { FunctionRef } from "./params.ts";
import { get, path, type Request } from "./request.ts";
import { clean, word, words } from "./text.ts";

export const listApps = (api: Api): Promise<App[]> => all(api, get("/v2/apps", { limit: 100 }), App);

export async function listFunctions(api: Api, app: string): Promise<Fn[]> {
	const functions = await all(api, get(path`/v2/apps/${app}/functions`, { limit: 100 }), Fn);
	return functions.map((fn) => ({ ...fn, app: { id: fn.app.id || app } }));
}

export const functionRequest = (app: string, name: string): Request => get(path`/v2/apps/${app}/functions/${name}`);

export async function fnOf(api: Api, { app, function: fn }: Run): Promise<Fn | undefined> {
	if (!app.id || !fn.id) return undefined;
	const found = await api.send(functionRequest(app.id, fn.id), One(Fn)).catch((error) => {
		if (!isNotFound(error)) throw error;
	});
	return found?.data;
}

export const nameOf = (fn: Fn): string => word(`${fn.app.id}/${fn.id}`);

/** The functions of one app, or of all that are not archived; `unread` are apps that can't be read, with their `errors`. */
export async function functionsOf(api: Api, app?: string) {
	const apps = app === undefined ? (await listApps(api)).filter((one) => !one.archivedAt) : [];
	const ids = app === undefined ? apps.map((one) => one.id) : [app];
	const lists = await inParallel(ids, 6, (id) => listFunctions(api, id));
	return {
		apps,
		functions: lists.flatMap(({ value }) => value ?? []),
		unread: ids.filter((_, i) => lists[i]?.error !== undefined),
		errors: lists.flatMap(({ error }) => error ?? []),
	};
}

export function appOf({ app }: FunctionRef, inApp: string | undefined): string | undefined {
	if (app !== undefined && inApp !== undefined && app !== inApp)
		throw new UsageError(
			`--function names a function of ${word(app)}, and --app is ${word(inApp)}; nothing was done.`,
			"Leave --app out.",
		);
	return app ?? inApp;
}

/** Completes a function's name with its app, by looking through the apps. */
export async function resolveFunction(
	api: Api,
	ref: FunctionRef,
	inApp?: string,
): Promise<FunctionRef & { app: string }> {
	const given = appOf(ref, inApp);
	const asGiven = given === undefined ? undefined : { app: given, name: ref.name };
	// Inngest's dashboard writes `shop-import-catalog`; the server takes that for the function, but finds no runs by it (measured).
	if (asGiven && !ref.name.startsWith(`${given}-`)) return asGiven;
	const { functions, errors } = await functionsOf(api, given);
	const named = functions.filter((fn) => fn.id === ref.name);
	const [meant, ...others] = named.length ? named : functions.filter((fn) => `${fn.app.id}-${fn.id}` === ref.name);
	// An app that can't be read may have a function of that name, too.
	if (errors.length && !asGiven) throw errors[0];
	if (meant && !others.length) return { app: meant.app.id, name: meant.id };
	if (asGiven) return asGiven;
	const name = clean(ref.name, 60);
	if (!meant)
		throw new UsageError(`No app has a function ${name}; nothing was done.`, functionHint(ref.name, functions));
	throw new UsageError(
		`Several apps have a function ${name}: ${[meant, ...others].map((fn) => word(fn.app.id)).join(", ")}.`,
		`Write it as ${word(meant.app.id)}/${name}.`,
	);
}

const hint = (meant: string | undefined, intent: string): string =>
	words(meant && `Did you mean ${meant}?`, `\`${intent}\` shows all.`);

function functionHint(name: string, functions: readonly Fn[]): string {
	const near = nearest(
		name,
		functions.map((fn) => fn.id),
	);
	const meant = functions.find((fn) => fn.id === near);
	return hint(meant && nameOf(meant), "list-functions");
}

/** Fails with advice when an empty answer comes from an app or a function that does not exist. */
export async function checkExists(api: Api, filter: RunFilter): Promise<void> {
	const app = filter.function?.app ?? filter.app;
	if (app === undefined) return;
	const name = filter.function?.name;
	try {
		await api.send(name === undefined ? get(path`/v2/apps/${app}`) : functionRequest(app, name), z.unknown());
	} catch (error) {
		if (!isNotFound(error)) throw error;
		const refuse = (what: string, advice: string) => new ServerError(`${what} (404).`, advice, 404, error.code);
		const apps = (await listApps(api)).map((one) => one.id);
		if (name !== undefined && apps.includes(app))
			throw refuse(`App ${word(app)} has no function ${word(name)}`, functionHint(name, await listFunctions(api, app)));
		const near = nearest(app, apps);
		throw refuse(`There is no app ${word(app)}`, hint(near && word(near), "list-apps"));
	}
}

/** Where the answer is 404, the error names the function that may have been meant. */
export const ofFunction = <T>(api: Api, ref: FunctionRef, asked: Promise<T>): Promise<T> =>
	asked.catch(async (error) => {
		if (isNotFound(error)) await checkExists(api, { function: ref });
		throw error;
	});
