/** Recorded runs, spans and functions as the skill reads them. */
import * as z from "zod/mini";
import { Fn, Page, Run, Span } from "../../lib/inngest/api.ts";
import { withTrueStatuses } from "../../lib/wire/lenient.ts";
import type { Request } from "../../lib/wire/request.ts";
import { type Kind, recorded } from "../recordings.ts";

const Envelope = <S extends z.ZodMiniType>(data: S) => z.object({ data });

/** A recorded body as the client returns it: the recordings are from OSS. */
const asRead = (path: string, label: string, kind?: Kind): unknown => {
	const request: Request = { method: "GET", path, api: "v2" };
	return withTrueStatuses(request, recorded(label, kind).response.body);
};
export const runOf = (label: string, kind?: Kind): Run =>
	z.parse(Envelope(Run), asRead("/v2/runs/X", `get run, ${label}`, kind)).data;
export const traceOf = (label: string, kind?: Kind): Span =>
	z.parse(Envelope(z.object({ rootSpan: Span })), recorded(`trace, ${label}`, kind).response.body).data.rootSpan;
export const listOf = (label: string, kind?: Kind): Run[] => z.parse(Page(Run), asRead("/v2/runs", label, kind)).data;
export const functionOf = (label: string, kind?: Kind): Fn =>
	z.parse(Envelope(Fn), recorded(label, kind).response.body).data;
export const functionsOf = (label: string, kind?: Kind): Fn[] =>
	z.parse(Page(Fn), recorded(label, kind).response.body).data;

/** A minimal run. */
export const aRun = (some: Record<string, unknown> = {}): Run =>
	z.parse(Run, {
		id: "01M85369BX39BZFM3TC50ACTFC",
		app: { id: "shop" },
		function: { id: "import-catalog" },
		status: "FAILED",
		queuedAt: "2026-11-23T20:57:33.000Z",
		endedAt: "2026-11-23T20:57:34.000Z",
		...some,
	});
