/** The requests that tell what live runs wait for. */
import { type Job, Jobs, type Wait } from "../decide/waits.ts";
import { type Run, runsOfEvent } from "../inngest/api.ts";
import type { Api } from "../wire/client.ts";
import { get, path } from "../wire/request.ts";

/** A Cloud API key alone can't read them. */
export const getJobs = async (api: Api, id: string): Promise<Job[]> =>
	(await api.send(get(path`/v1/runs/${id}/jobs`), Jobs)).data;

/** The run that an invocation started, by the event that it was invoked with. */
export async function invokedRun(api: Api, wait: Wait): Promise<Run | undefined> {
	if (wait.kind !== "invoke" || !wait.event) return undefined;
	return (await runsOfEvent(api, wait.event).catch(() => undefined))?.[0];
}
