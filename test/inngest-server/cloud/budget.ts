/** How many requests an account may send: 75 in any 5 seconds is the one published figure. */
import type { BudgetLimit } from "./options.ts";

/** A window that slides, and in which refused requests don't count: both are choices of the double. */
export class Budget {
	/** Requests that were counted, with those that were rejected. */
	requests = 0;
	rejected = 0;
	private readonly limit: BudgetLimit | false;
	private readonly now: () => number;
	/** When each of the latest was taken, oldest first. */
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

	/** In how many whole seconds another request will be taken. */
	wait(): number {
		const [first] = this.taken;
		if (first === undefined || this.limit === false) return 0;
		return Math.max(1, Math.ceil((first + this.limit.perMs - this.now()) / 1000));
	}

	/** Begins to count anew. */
	clear(): void {
		this.requests = 0;
		this.rejected = 0;
		this.taken = [];
	}
}
