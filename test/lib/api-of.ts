/** A client that responds from a list, for tests of what uses it. */
import * as z from "zod/mini";
import type { Api } from "../../lib/wire/client.ts";
import { withTrueStatuses } from "../../lib/wire/lenient.ts";
import type { Request } from "../../lib/wire/request.ts";

export interface FakeApi extends Api {
	/** What was sent, in order. */
	sent: Request[];
}

/** Responds to each request with `answer`; an Error is thrown. Responses are checked as the real client checks those of OSS. */
export function answeringBy(answer: (request: Request, n: number) => unknown): FakeApi {
	const sent: Request[] = [];
	return {
		sent,
		async send(request, schema) {
			sent.push(request);
			const value = answer(request, sent.length - 1);
			if (value instanceof Error) throw value;
			return z.parse(schema, withTrueStatuses(request, value));
		},
	};
}

/** Responds to requests in order; one too many fails the test. */
export const answering = (...answers: unknown[]): FakeApi =>
	answeringBy((request, n) => {
		if (n >= answers.length) throw new Error(`unexpected ${request.method} ${request.path}`);
		return answers[n];
	});

/** A request as `GET /v2/runs?a=1`. */
export const line = ({ method, path, query }: Request): string => {
	const text = Object.entries(query ?? {})
		.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
		.join("&");
	return `${method} ${path}${text && `?${text}`}`;
};
