/** Apps and functions: listing them, and finding one by its name. */
import * as z from "zod/mini";
import { App, all, Fn, inParallel, One, type Run, type RunFilter } from "./api.ts";
import type { Api } from "./client.ts";
import { isNotFound, ServerError, UsageError } from "./errors.ts";
import { nearest } from "./manifest.ts";
import type { FunctionRef } from "./params.ts";
import { get, path } from "./request.ts";
import { clean, word } from "./text.ts";

export const listApps = (api: Api): Promise<z.output<typeof App>[]> => all(api, get("/v2/apps", { limit: 100 }), App);

export async function listFunctions(api: Api, app: string): Promise<Fn[]> {
	const functions = await all(api, get(path`/v2/apps/${app}/functions`, { limit: 100 }), Fn);
	return functions.map((fn) => ({ ...fn, app: { id: fn.app.id || app } }));
}

/** The function of a run; undefined where it is no longer there. */
export async function fnOf(api: Api, run: Run): Promise<Fn | undefined> {
	if (!run.app.id || !run.function.id) return undefined;
	const request = get(path`/v2/apps/${run.app.id}/functions/${run.function.id}`);
	try {
		return (await api.send(request, One(Fn))).data;
	} catch (error) {
		if (isNotFound(error)) return undefined;
		throw error;
	}
}

export const nameOf = (fn: Fn): string => word(`${fn.app.id}/${fn.id}`);

/** The functions of one app, or of all that are not archived (`found`); an app that can't be read has its error in `lists`. */
export async function functionsOf(api: Api, app?: string) {
	const found = app === undefined ? (await listApps(api)).filter((one) => !one.archivedAt) : [];
	const apps = app === undefined ? found.map((one) => one.id) : [app];
	const lists = await inParallel(apps, 6, (id) => listFunctions(api, id));
	return { apps, found, lists, functions: lists.flatMap(({ value }) => value ?? []) };
}

/** The app that a function's name or `--app` gives; two that differ are refused. */
export function appOf({ app }: FunctionRef, inApp: string | undefined): string | undefined {
	if (app !== undefined && inApp !== undefined && app !== inApp)
		throw new UsageError(
			`--function names a function of ${word(app)}, and --app is ${word(inApp)}; nothing was done.`,
			"Leave --app out.",
		);
	return app ?? inApp;
}

/** Completes a function's name with its app, by looking through the apps; an unknown or ambiguous one is refused. */
export async function resolveFunction(
	api: Api,
	ref: FunctionRef,
	inApp?: string,
): Promise<FunctionRef & { app: string }> {
	const given = appOf(ref, inApp);
	// Inngest's dashboard writes `shop-import-catalog`; the server takes that for the function, but finds no runs by it (measured).
	const slug = (fn: Fn) => `${fn.app.id}-${fn.id}`;
	if (given !== undefined && !ref.name.startsWith(`${given}-`)) return { app: given, name: ref.name };
	const { lists, functions } = await functionsOf(api, given);
	const named = functions.filter((fn) => fn.id === ref.name);
	const [meant, ...others] = named.length ? named : functions.filter((fn) => slug(fn) === ref.name);
	// An app that can't be read may have a function of that name, too.
	const failed = lists.find((one) => one.error !== undefined);
	if (failed && given === undefined) throw failed.error;
	if (meant && !others.length) return { app: meant.app.id, name: meant.id };
	if (given !== undefined) return { app: given, name: ref.name };
	const app = meant?.app.id;
	const name = clean(ref.name, 60);
	if (app === undefined)
		throw new UsageError(`No app has a function ${name}; nothing was done.`, functionHint(ref.name, functions));
	throw new UsageError(
		`Several apps have a function ${name}: ${[app, ...others.map((fn) => fn.app.id)].map(word).join(", ")}.`,
		`Write it as ${word(app)}/${name}.`,
	);
}

/** `Did you mean shop/import-catalog? …`, where a function's name is near. */
function functionHint(name: string, functions: readonly Fn[]): string {
	const near = nearest(
		name,
		functions.map((fn) => fn.id),
	);
	const meant = functions.find((fn) => fn.id === near);
	return `${meant ? `Did you mean ${nameOf(meant)}? ` : ""}\`list-functions\` shows all.`;
}

/** Fails with advice when an empty answer comes from an app or a function that does not exist. */
export async function checkExists(api: Api, filter: RunFilter): Promise<void> {
	const app = filter.function?.app ?? filter.app;
	if (app === undefined) return;
	const name = filter.function?.name;
	const at = name === undefined ? path`/v2/apps/${app}` : path`/v2/apps/${app}/functions/${name}`;
	try {
		await api.send(get(at), z.unknown());
	} catch (error) {
		if (!isNotFound(error)) throw error;
		const apps = (await listApps(api)).map((one) => one.id);
		const nearApp = nearest(app, apps);
		const [what, hint] =
			name !== undefined && apps.includes(app)
				? [`App ${word(app)} has no function ${word(name)}`, functionHint(name, await listFunctions(api, app))]
				: [
						`There is no app ${word(app)}`,
						`${nearApp ? `Did you mean ${word(nearApp)}? ` : ""}\`list-apps\` shows all.`,
					];
		throw new ServerError(`${what} (404).`, hint, 404, error.code);
	}
}

/** What is asked of a function; where the answer is 404, the error names the function that may have been meant. */
export async function ofFunction<T>(api: Api, ref: FunctionRef, asked: Promise<T>): Promise<T> {
	try {
		return await asked;
	} catch (error) {
		if (isNotFound(error)) await checkExists(api, { function: ref });
		throw error;
	}
}
