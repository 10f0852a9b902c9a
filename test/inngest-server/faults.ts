/** Failures ordered by tests: the next requests to a path are answered wrongly, late or not at all. */

export interface Fault {
	/** A regular expression that the request's path and query must match. */
	path: RegExp | string;
	method?: string;
	status?: number;
	body?: unknown;
	contentType?: string;
	headers?: Record<string, string>;
	/** How often; once if not given. */
	times?: number;
	delayMs?: number;
	/** Closes the connection instead of responding. */
	destroy?: boolean;
	/** Processes the request first: only the response is lost. */
	after?: boolean;
	/** How many matching requests to let through first. */
	skip?: number;
}

export class Faults {
	private faults: Fault[] = [];

	add(fault: Fault): void {
		this.faults.push({ ...fault, times: fault.times ?? 1 });
	}

	clear(): void {
		this.faults = [];
	}

	/** The fault for a request, if there is one. */
	next(method: string, url: string): Fault | undefined {
		for (const fault of this.faults) {
			if (fault.method !== undefined && fault.method !== method) continue;
			if (!new RegExp(fault.path).test(url)) continue;
			if ((fault.skip ?? 0) > 0) {
				fault.skip = (fault.skip ?? 0) - 1;
				continue;
			}
			fault.times = (fault.times ?? 1) - 1;
			if (fault.times <= 0) this.faults.splice(this.faults.indexOf(fault), 1);
			return fault;
		}
		return undefined;
	}
}
