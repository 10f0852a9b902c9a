/** How many requests an account, or an event key, may send in a window of time. */
import type { BudgetLimit } from "./options.ts";

/** A sliding window in which refused requests don't count: both are the double's choices. */
export class Budget {
	/** Requests counted, and those rejected. */
	requests = 0;
	rejected = 0;
	private readonly limit: BudgetLimit | false;
	private readonly now: () => number;
	/** When each of the latest was accepted, oldest first. */
	private taken: number[] = [];

	constructor(limit: BudgetLimit | false, now: () => number) {
		this.limit = limit;
		this.now = now;
	}

	/** Whether one more request is within the budget. */
	take(): boolean {
		this.requests++;
		if (this.limit === false) return true;
		const since = this.now() - this.limit.perMs;
		this.taken = this.taken.filter((at) => at > since);
		if (this.taken.length >= this.limit.requests) {
			this.rejected++;
			return false;
		}
		this.taken.push(this.now());
		return true;
	}

	/** Whole seconds until another request is accepted. */
	wait(): number {
		const [first] = this.taken;
		if (first === undefined || this.limit === false) return 0;
		return Math.max(1, Math.ceil((first + this.limit.perMs - this.now()) / 1000));
	}

	/** Restarts counting. */
	clear(): void {
		this.requests = 0;
		this.rejected = 0;
		this.taken = [];
	}
}
