/**
 * How many runs each of very many events started: an open-addressing table with ten bytes per event, as a million strings would take most
 * of a test's memory. Ids are distinguished by a 64-bit hash.
 */
export class Counter {
	private size = 1 << 16;
	private highs = new Uint32Array(this.size);
	private lows = new Uint32Array(this.size);
	private runs = new Uint16Array(this.size);
	/** Different ids. */
	distinct = 0;
	/** Everything that was added. */
	total = 0;

	/** Adds to an id's count; returns whether the id is new. */
	add(id: string, runs: number): boolean {
		if (this.distinct * 2 > this.size) this.grow();
		const { slot, high, low } = this.find(id);
		const isNew = (this.highs[slot] ?? 0) === 0;
		if (isNew) {
			this.highs[slot] = high;
			this.lows[slot] = low;
			this.distinct++;
		}
		this.runs[slot] = (this.runs[slot] ?? 0) + runs;
		this.total += runs;
		return isNew;
	}

	has(id: string): boolean {
		return (this.highs[this.find(id).slot] ?? 0) !== 0;
	}

	get(id: string): number {
		return this.runs[this.find(id).slot] ?? 0;
	}

	/** How many ids have each count: `{"0": …, "2": …}`. */
	histogram(): Record<string, number> {
		const found: Record<string, number> = {};
		for (let i = 0; i < this.size; i++) {
			if ((this.highs[i] ?? 0) === 0) continue;
			const runs = this.runs[i] ?? 0;
			found[runs] = (found[runs] ?? 0) + 1;
		}
		return found;
	}

	private find(id: string): { slot: number; high: number; low: number } {
		let high = 0x811c9dc5;
		let low = 0x9747b28c;
		for (let i = 0; i < id.length; i++) {
			const code = id.charCodeAt(i);
			high = Math.imul(high ^ code, 0x01000193);
			low = Math.imul(low ^ code, 0x5bd1e995);
			low ^= low >>> 15;
		}
		high = high >>> 0 || 1;
		low >>>= 0;
		let slot = (high ^ (low >>> 7)) & (this.size - 1);
		while ((this.highs[slot] ?? 0) !== 0 && (this.highs[slot] !== high || this.lows[slot] !== low)) {
			slot = (slot + 1) & (this.size - 1);
		}
		return { slot, high, low };
	}

	private grow(): void {
		const { highs, lows, runs, size } = this;
		this.size *= 2;
		this.highs = new Uint32Array(this.size);
		this.lows = new Uint32Array(this.size);
		this.runs = new Uint16Array(this.size);
		for (let i = 0; i < size; i++) {
			const high = highs[i] ?? 0;
			if (high === 0) continue;
			const low = lows[i] ?? 0;
			let slot = (high ^ (low >>> 7)) & (this.size - 1);
			while ((this.highs[slot] ?? 0) !== 0) slot = (slot + 1) & (this.size - 1);
			this.highs[slot] = high;
			this.lows[slot] = low;
			this.runs[slot] = runs[i] ?? 0;
		}
	}
}
